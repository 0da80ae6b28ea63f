import pg from "pg";
import { logger } from "@/lib/logger";

interface ListenOptions {
  connectionString: string;
  channel: string;
  applicationName: string;
  onNotification(payload: string): void;
  /** After every (re)connection: what was notified before may have been missed. */
  onListening?(): void;
}

export interface Listener {
  readonly isListening: boolean;
  close(): Promise<void>;
}

const RETRY_MS = [200, 500, 1_000, 2_000, 5_000];

/**
 * Holds one connection that LISTENs, for as long as it takes: a lost one is replaced, with pauses of 0.2 to 5 s. Notifications are hints;
 * what comes while it is away is lost.
 */
export function listen({ connectionString, channel, applicationName, onNotification, onListening }: ListenOptions): Listener {
  let client: pg.Client | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let isClosed = false;
  let isListening = false;

  async function connect(): Promise<void> {
    const mine = new pg.Client({ connectionString, application_name: applicationName, keepAlive: true, connectionTimeoutMillis: 5_000 });
    client = mine;
    mine.on("notification", ({ payload }) => onNotification(payload ?? ""));
    mine.on("error", (error) => lost(mine, error));
    mine.on("end", () => lost(mine, null));
    try {
      await mine.connect();
      await mine.query(`listen ${pg.escapeIdentifier(channel)}`);
      if (client !== mine) return;
      failures = 0;
      isListening = true;
      onListening?.();
    } catch (error) {
      lost(mine, error);
    }
  }
  function lost(which: pg.Client, error: unknown): void {
    if (client !== which) return;
    client = null;
    isListening = false;
    which.end().catch(() => {});
    if (isClosed) return;
    logger.debug({ err: error, channel }, "lost the connection that listens");
    retry = setTimeout(() => void connect(), RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
  }

  void connect();
  return {
    get isListening() {
      return isListening;
    },
    async close() {
      isClosed = true;
      clearTimeout(retry);
      const last = client;
      client = null;
      await last?.end().catch(() => {});
    },
  };
}

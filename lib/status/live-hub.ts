import { type Listener, listen } from "@/db/listen";
import { logger } from "@/lib/logger";

/** What ingest and the scheduler NOTIFY: an event of the contract's LiveEvent and whose it is. */
interface ProjectEvent {
  projectId: number;
  /** The event as JSON, without the project. */
  data: string;
  atMs: number;
}

/** Where a browser's events go. */
export interface Subscriber {
  send(data: string): void;
  end(): void;
}

export interface LiveHub {
  /** Whether another browser may listen. */
  readonly hasRoom: boolean;
  /**
   * Tells a browser what happens in a project from now on, after what happened in the last ten seconds.
   * @returns how to end it.
   */
  subscribe(projectId: number, subscriber: Subscriber): () => void;
  /** Ends every subscription: open streams would keep the web process from stopping. */
  close(): Promise<void>;
}

/** A browser opens one per tab; beyond this somebody is up to something, and each costs memory. */
const SUBSCRIBERS_MAX = 500;
/** Longer than it takes from a page's first answer to its subscription. */
const REMEMBERED_MS = 10_000;
const REMEMBERED_EVENTS = 100;

const place = globalThis as { spanwatchLive?: Map<string, LiveHub> };

/** The hub of this web process, opened when the first browser comes, closed when the process is told to stop. */
export function liveHub(connectionString: string): LiveHub {
  place.spanwatchLive ??= new Map();
  let hub = place.spanwatchLive.get(connectionString);
  if (hub === undefined) {
    hub = openLiveHub(connectionString);
    place.spanwatchLive.set(connectionString, hub);
    const close = hub.close;
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void close());
  }
  return hub;
}

/** Fans `NOTIFY spanwatch_live` out to the browsers of the project it concerns: one connection to Postgres, however many browsers. */
export function openLiveHub(connectionString: string): LiveHub {
  const subscribers = new Map<symbol, Subscriber & { projectId: number }>();
  let recent: ProjectEvent[] = [];
  let completeSinceMs = Number.POSITIVE_INFINITY;

  const listener: Listener = listen({
    connectionString,
    channel: "spanwatch_live",
    applicationName: "spanwatch live",
    onNotification(payload) {
      const event = eventOf(payload, Date.now());
      if (event === null) return;
      recent = [...recent.filter(({ atMs }) => event.atMs - atMs < REMEMBERED_MS).slice(1 - REMEMBERED_EVENTS), event];
      for (const { projectId, send } of subscribers.values()) if (projectId === event.projectId) send(event.data);
    },
    onListening() {
      // Whoever watched while we were deaf must look again.
      completeSinceMs = Date.now();
      recent = [];
      for (const { send } of subscribers.values()) send(hello(true));
    },
  });

  return {
    get hasRoom() {
      return subscribers.size < SUBSCRIBERS_MAX;
    },
    subscribe(projectId, { send, end }) {
      const nowMs = Date.now();
      send(hello(!listener.isListening || nowMs - completeSinceMs < REMEMBERED_MS));
      for (const event of recent) if (event.projectId === projectId && nowMs - event.atMs < REMEMBERED_MS) send(event.data);
      const key = Symbol("subscriber");
      subscribers.set(key, { projectId, send, end });
      return () => subscribers.delete(key);
    },
    async close() {
      for (const { end } of [...subscribers.values()]) end();
      await listener.close();
    },
  };
}

const hello = (missed: boolean): string => JSON.stringify({ type: "hello", missed });

/** A payload that names no project reaches nobody: better a late page than another project's trace ids. */
function eventOf(payload: string, atMs: number): ProjectEvent | null {
  try {
    const { projectId, ...event } = JSON.parse(payload) as { projectId: number };
    if (Number.isInteger(projectId)) return { projectId, data: JSON.stringify(event), atMs };
  } catch {
    // Somebody else's NOTIFY on our channel.
  }
  logger.warn({ payload: payload.slice(0, 200) }, "a live event names no project");
  return null;
}

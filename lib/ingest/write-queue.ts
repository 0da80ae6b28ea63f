import type { TraceSums } from "@/db/queries/ingest/trace-sums";
import { troubleOf } from "@/db/trouble";
import { WriteConnection } from "@/db/write-connection";
import { logger } from "@/lib/logger";
import type { GroupedItem } from "./commit-rows";
import { commitGroup } from "./group-transaction";
import { LIMITS } from "./limits";
import { malformed, type Refusal, unavailable } from "./refusal";
import type { Outcome, WriteItem } from "./write-item";

const CONNECT_TIMEOUT_MS = 1_000;
const RECONNECT_MS = 250;
const SWEEP_MS = 100;
/** No commit came through for so long while requests wait: the database hangs. */
const STALLED_MS = 2_000;
const CONFLICT_TRIES = 5;

export interface WriteQueueOptions {
  databaseUrl: string;
  ingestId: string;
  /** Connections that write. */
  writers: number;
  /** `off` is for the test that proves that the others would notice. */
  synchronousCommit: "on" | "off";
  onCommit: (group: readonly GroupedItem[], traces: TraceSums, tookMs: number) => void;
}

interface Waiting {
  item: WriteItem;
  sinceMs: number;
  resolve: (outcome: Outcome) => void;
  reject: (refusal: Refusal) => void;
}

interface Writer {
  connection: WriteConnection | null;
  isBusy: boolean;
}

/**
 * Group commit without timers: a writer that is free takes what waits, up to 5 000 spans or 4 MiB, and commits it as one transaction; under
 * load groups grow by themselves (performance.md §4.2). A request is answered after its COMMIT, and nothing is kept behind an answer.
 */
export class WriteQueue {
  private readonly options: WriteQueueOptions;
  private readonly writers: Writer[];
  private waiting: Waiting[] = [];
  private lastProgressMs = Date.now();
  private isClosing = false;
  private sweeper: NodeJS.Timeout | undefined;
  /** Set while the database cannot be reached, to the moment that was noticed. */
  private awaySinceMs: number | null = null;

  constructor(options: WriteQueueOptions) {
    this.options = options;
    this.writers = Array.from({ length: options.writers }, () => ({ connection: null, isBusy: false }));
    for (const writer of this.writers) void this.keepConnected(writer);
  }

  get isConnected(): boolean {
    return this.writers.some((writer) => writer.connection !== null);
  }

  /** Resolves when the request is durable. @throws Refusal */
  add(item: WriteItem): Promise<Outcome> {
    if (!this.isConnected && this.awaySinceMs !== null) return Promise.reject(databaseAway());
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) this.lastProgressMs = Math.max(this.lastProgressMs, Date.now() - STALLED_MS / 2);
      this.waiting.push({ item, sinceMs: Date.now(), resolve, reject });
      this.pump();
      if (this.waiting.length > 0) this.sweeper ??= setInterval(() => this.sweep(), SWEEP_MS);
    });
  }

  /** Lets go of the database. Requests that still wait are refused. */
  async close(): Promise<void> {
    this.isClosing = true;
    clearInterval(this.sweeper);
    for (const { reject } of this.waiting.splice(0)) reject(unavailable("stopping", "Spanwatch is stopping: send it again."));
    await Promise.all(this.writers.map((writer) => writer.connection?.end()));
  }

  private async keepConnected(writer: Writer): Promise<void> {
    while (!this.isClosing) {
      try {
        writer.connection = await this.connect();
        this.awaySinceMs = null;
        this.pump();
        await writer.connection.closed;
        writer.connection = null;
      } catch (error) {
        this.awaySinceMs ??= Date.now();
        logger.debug({ err: error }, "the database cannot be reached");
      }
      if (!this.isClosing) await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS).unref());
    }
  }

  private async connect(): Promise<WriteConnection> {
    const { databaseUrl, synchronousCommit } = this.options;
    const connection = await WriteConnection.open({
      connectionString: databaseUrl,
      applicationName: "spanwatch ingest",
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      // What an answer promises must not depend on how the server, the database or the role is set.
      session: [`set synchronous_commit = ${synchronousCommit}`, "set statement_timeout = 0", "set jit = off"],
    });
    await connection.within(CONNECT_TIMEOUT_MS, () => this.warnOnce(connection));
    return connection;
  }

  private hasWarned = false;
  private async warnOnce({ client }: WriteConnection): Promise<void> {
    if (this.hasWarned) return;
    this.hasWarned = true;
    const { rows } = await client.query<{ name: string }>(
      "select name from pg_settings where name in ('synchronous_commit', 'fsync', 'full_page_writes') and setting = 'off'",
    );
    for (const { name } of rows) logger.warn(`${name} is off in this database: what Spanwatch has answered for can be lost in a crash`);
  }

  private pump(): void {
    for (const writer of this.writers) {
      if (this.waiting.length === 0) return;
      if (writer.connection && !writer.isBusy) void this.work(writer, writer.connection);
    }
  }

  private async work(writer: Writer, connection: WriteConnection): Promise<void> {
    writer.isBusy = true;
    const group = this.take();
    const bytes = group.reduce((sum, { item }) => sum + item.bytes, 0);
    await connection.within(LIMITS.commitMs + bytes / LIMITS.commitBytesPerMs, () => this.commit(connection, group, 1));
    this.lastProgressMs = Date.now();
    writer.isBusy = false;
    this.pump();
  }

  /** The oldest request, and of those behind it that are of the same project as many as make a group. */
  private take(): Waiting[] {
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    let spans = 0;
    let bytes = 0;
    for (const waiting of this.waiting) {
      const { item } = waiting;
      const records = item.batch.spans.count + item.batch.logs.count;
      const fits = spans + records <= LIMITS.groupSpans && bytes + item.bytes <= LIMITS.groupBytes;
      const isOfGroup = taken.length === 0 || (fits && taken[0]?.item.projectId === item.projectId);
      if (!isOfGroup) {
        left.push(waiting);
        continue;
      }
      taken.push(waiting);
      spans += records;
      bytes += item.bytes;
    }
    this.waiting = left;
    return taken;
  }

  /** Commits `group`; where the data of a request spoils it, finds that request by halving and refuses it alone. Settles every request. */
  private async commit(connection: WriteConnection, group: readonly Waiting[], tries: number): Promise<void> {
    const beganMs = performance.now();
    const items = group.map(({ item }) => item);
    let committed: Awaited<ReturnType<typeof commitGroup>>;
    try {
      committed = await commitGroup(connection, items, this.options.ingestId);
    } catch (error) {
      return await this.failed(connection, group, tries, error);
    }
    for (const [i, { resolve }] of group.entries()) resolve(committed.group[i]?.outcome ?? "stored");
    this.options.onCommit(committed.group, committed.traces, performance.now() - beganMs);
  }

  private async failed(connection: WriteConnection, group: readonly Waiting[], tries: number, error: unknown): Promise<void> {
    const trouble = troubleOf(error);
    if (trouble === "conflict" && tries < CONFLICT_TRIES) return await this.commit(connection, group, tries + 1);
    if (trouble !== "data") return this.refuse(group, error);
    if (group.length === 1) {
      logger.warn({ err: error }, "a request was refused by the database");
      group[0]?.reject(
        malformed("refused-by-database", `The database refuses this request: ${(error as Error).message}`, { cause: error }),
      );
      return;
    }
    const half = Math.ceil(group.length / 2);
    await this.commit(connection, group.slice(0, half), 1);
    await this.commit(connection, group.slice(half), 1);
  }

  private refuse(group: readonly Waiting[], error: unknown): void {
    logger.warn({ err: error }, "a commit failed; its senders are asked to send again");
    for (const { reject } of group) reject(databaseAway(error));
  }

  /** Refuses what has waited too long to be taken up: it is not begun, so nothing is stored twice when it comes again. */
  private sweep(): void {
    const nowMs = Date.now();
    const isStalled = !this.isConnected || nowMs - this.lastProgressMs > STALLED_MS;
    const late = this.waiting.filter(({ sinceMs }) => nowMs - sinceMs > (isStalled ? LIMITS.waitMs : LIMITS.queuedMs));
    if (late.length > 0) {
      const gone = new Set(late);
      this.waiting = this.waiting.filter((waiting) => !gone.has(waiting));
      for (const { reject } of late) reject(databaseAway());
    }
    if (this.waiting.length > 0) return;
    clearInterval(this.sweeper);
    this.sweeper = undefined;
  }
}

const databaseAway = (cause?: unknown): Refusal =>
  unavailable("database-away", "The database cannot take anything just now: nothing of this request is stored yet; send it again.", {
    cause,
  });

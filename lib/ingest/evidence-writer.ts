import {
  closeConnectionsOf,
  type EvidenceRows,
  evidenceStatements,
  type HandshakeRow,
  type LocalProcessRow,
  listIngestsWithOpenConnections,
  listLocalProcesses,
  notifyStatement,
  type RejectRow,
} from "@/db/queries/ingest/evidence";
import type { Statement } from "@/db/write-connection";
import { WriteConnection } from "@/db/write-connection";
import { logger } from "@/lib/logger";
import type { Connection } from "./connections";
import { contentId, newId } from "./ids";

/** Between two hints to the scheduler, which waits 100 ms for more anyway; and between two to the browsers. */
const ARRIVAL_GAP_MS = 40;
const LIVE_GAP_MS = 300;
const LIVE_IDS_MAX = 200;
const SWEEP_MS = 30_000;
const RETRY_MS = 300;
const CONNECT_TIMEOUT_MS = 1_000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** While the database is away: more than this is forgotten, oldest first (a connection's close is then noted at the next start). */
const KEPT_MAX = 20_000;

interface Options {
  databaseUrl: string;
  ingestId: string;
  /** Runs once per connection to the database, with what is known of processes on this machine. */
  onConnected?: (locals: Awaited<ReturnType<typeof listLocalProcesses>>) => void;
  /** What `process.local_run` of this machine's processes begins with; null where /proc cannot tell. */
  runPrefix: string | null;
}

const DAY_MS = 86_400_000;
const LOCALS_MAX = 2_000;

/**
 * Writes what is known beside the records: connections, their ends, handshakes, refusals, processes on this machine, and the hints to
 * scheduler and browsers. One database connection, one transaction at a time, each with all that has come up since the last; what cannot be
 * written now is kept and tried again. Its session holds a lock by the id of this ingest, which is how others see that it lives.
 */
export class EvidenceWriter {
  private readonly options: Options;
  private connection: WriteConnection | null = null;
  private readonly connections = new Set<Connection>();
  private handshakes: HandshakeRow[] = [];
  private rejects: RejectRow[] = [];
  private readonly locals = new Map<bigint, LocalProcessRow>();
  /** Process ids by what happened and project. */
  private arrivals = new Map<string, { what: "connection" | "process"; projectId: number; processIds: Set<bigint> }>();
  private hasArrived = false;
  private arrivalSentMs = 0;
  /** Traces to tell browsers of, by project. */
  private live = new Map<number, { ids: Set<string>; more: boolean }>();
  private liveSentMs = 0;
  private sweptMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;
  private isClosing = false;
  private retryAtMs = 0;

  constructor(options: Options) {
    this.options = options;
    this.wake(0);
  }

  /** Writes the connection as it then stands. */
  noteConnection(connection: Connection): void {
    if (this.connections.size < KEPT_MAX) this.connections.add(connection);
    this.wake(0);
  }

  /** The close of a connection, and that the scheduler should look at the processes it carried. */
  noteClose(connection: Connection): void {
    for (const [processId, projectId] of connection.processes) this.arrived("connection", projectId, processId);
    this.noteConnection(connection);
  }

  noteHandshake(row: HandshakeRow, connection: Connection): void {
    if (this.handshakes.length < KEPT_MAX) this.handshakes.push(row);
    this.noteConnection(connection);
  }

  noteReject(row: RejectRow, connection: Connection): void {
    if (this.rejects.length < KEPT_MAX / 10) this.rejects.push(row);
    this.noteConnection(connection);
  }

  /** @param announceTo project whose scheduler should look at the process at once, or null. */
  noteLocalProcess(row: LocalProcessRow, announceTo: number | null): void {
    if (this.locals.size < KEPT_MAX) this.locals.set(row.processId, row);
    if (announceTo !== null) this.arrived("process", announceTo, row.processId);
    this.wake(0);
  }

  /** After a commit: there is something for the scheduler, and for the pages that are open. */
  noteCommit(projectId: number, traceIds: Uint8Array, count: number): void {
    this.hasArrived = true;
    const live = this.live.get(projectId) ?? { ids: new Set(), more: false };
    this.live.set(projectId, live);
    for (let i = 0; i < count && !live.more; i++) {
      const { buffer, byteOffset } = traceIds;
      if (live.ids.size >= LIVE_IDS_MAX) live.more = true;
      else live.ids.add(Buffer.from(buffer, byteOffset + i * 16, 16).toString("hex"));
    }
    this.wake(Math.max(0, this.arrivalSentMs + ARRIVAL_GAP_MS - Date.now()));
  }

  /** Writes what is left, as far as that goes within `timeoutMs`, and disconnects. */
  async close(timeoutMs: number): Promise<void> {
    this.isClosing = true;
    const untilMs = Date.now() + timeoutMs;
    while (this.isDirty && Date.now() < untilMs && this.connection) {
      await this.running;
      this.running = this.run();
      await this.running;
    }
    clearTimeout(this.timer);
    await this.connection?.end().catch(() => {});
  }

  private get isDirty(): boolean {
    return this.connections.size + this.handshakes.length + this.rejects.length + this.locals.size + this.arrivals.size > 0;
  }

  private arrived(what: "connection" | "process", projectId: number, processId: bigint): void {
    const key = `${what}/${projectId}`;
    const arrival = this.arrivals.get(key) ?? { what, projectId, processIds: new Set() };
    arrival.processIds.add(processId);
    this.arrivals.set(key, arrival);
  }

  private dueMs = Number.POSITIVE_INFINITY;
  private wake(inMs: number): void {
    const dueMs = Math.max(Date.now() + inMs, this.retryAtMs);
    if (this.running || dueMs >= this.dueMs) return;
    this.dueMs = dueMs;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.dueMs = Number.POSITIVE_INFINITY;
      this.running ??= this.run().finally(() => {
        this.running = null;
        this.wakeForNext();
      });
    }, Math.max(0, dueMs - Date.now()));
  }

  private wakeForNext(): void {
    if (this.isClosing) return;
    if (this.isDirty) this.wake(0);
    else if (this.hasArrived) this.wake(Math.max(0, this.arrivalSentMs + ARRIVAL_GAP_MS - Date.now()));
    else if (this.live.size > 0) this.wake(Math.max(0, this.liveSentMs + LIVE_GAP_MS - Date.now()));
    else this.wake(Math.max(0, this.sweptMs + SWEEP_MS - Date.now()));
  }

  private async run(): Promise<void> {
    try {
      this.connection ??= await this.connect();
      await this.write(this.connection);
      if (Date.now() - this.sweptMs >= SWEEP_MS && !this.isClosing) await this.sweep(this.connection);
      this.retryAtMs = 0;
    } catch (error) {
      this.retryAtMs = Date.now() + RETRY_MS;
      logger.debug({ err: error }, "could not write evidence; trying again");
    }
  }

  private async connect(): Promise<WriteConnection> {
    const { databaseUrl, ingestId, runPrefix, onConnected } = this.options;
    const connection = await WriteConnection.open({
      connectionString: databaseUrl,
      applicationName: "spanwatch ingest evidence",
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      session: [`set statement_timeout = ${STATEMENT_TIMEOUT_MS}`, `select pg_try_advisory_lock(${lockOf(ingestId)})`],
    });
    void connection.closed.then(() => {
      if (this.connection === connection) this.connection = null;
      // Our lock went with it: take it again before somebody believes that we are dead.
      if (!this.isClosing) this.wake(RETRY_MS);
    });
    if (runPrefix !== null) onConnected?.(await listLocalProcesses(connection.client, runPrefix, Date.now() - DAY_MS, LOCALS_MAX));
    return connection;
  }

  private async write(connection: WriteConnection): Promise<void> {
    const taken = this.take();
    const steps = [...evidenceStatements(taken.rows), ...this.hints(taken.hasArrivals)];
    if (steps.length === 0) return;
    try {
      await connection.begin(steps);
      await connection.commit();
    } catch (error) {
      this.putBack(taken);
      throw error;
    }
  }

  private take() {
    const { ingestId } = this.options;
    const connections = [...this.connections];
    const arrivals = [...this.arrivals.values()];
    const rows: EvidenceRows = {
      connections: connections.map((connection) => connection.toRow(ingestId)),
      handshakes: this.handshakes,
      rejects: this.rejects,
      localProcesses: [...this.locals.values()],
      arrivals: arrivals.map(({ what, projectId, processIds }) => ({
        projectId,
        row: { id: newId(), atMs: Date.now(), what, traceIds: [], openTraceIds: [], processIds: [...processIds] },
      })),
    };
    this.connections.clear();
    this.handshakes = [];
    this.rejects = [];
    this.locals.clear();
    this.arrivals = new Map();
    return { rows, connections, arrivals, hasArrivals: arrivals.length > 0 };
  }

  private putBack({ rows, connections, arrivals }: ReturnType<EvidenceWriter["take"]>): void {
    for (const connection of connections) this.connections.add(connection);
    this.handshakes = rows.handshakes.concat(this.handshakes);
    this.rejects = rows.rejects.concat(this.rejects);
    for (const row of rows.localProcesses) if (!this.locals.has(row.processId)) this.locals.set(row.processId, row);
    for (const { what, projectId, processIds } of arrivals) for (const id of processIds) this.arrived(what, projectId, id);
    this.hasArrived = true;
  }

  private hints(hasArrivals: boolean): Statement[] {
    const nowMs = Date.now();
    const hints: Statement[] = [];
    if (hasArrivals || (this.hasArrived && nowMs - this.arrivalSentMs >= ARRIVAL_GAP_MS)) {
      hints.push(notifyStatement("spanwatch_arrival", ""));
      this.hasArrived = false;
      this.arrivalSentMs = nowMs;
    }
    if (this.live.size > 0 && nowMs - this.liveSentMs >= LIVE_GAP_MS) {
      for (const [projectId, { ids, more }] of this.live) {
        hints.push(notifyStatement("spanwatch_live", JSON.stringify({ type: "traces", projectId, traceIds: [...ids], more })));
      }
      this.live.clear();
      this.liveSentMs = nowMs;
    }
    return hints;
  }

  /** Closes the connections of ingests that are gone: those whose lock nobody holds. */
  private async sweep({ client }: WriteConnection): Promise<void> {
    for (const ingestId of await listIngestsWithOpenConnections(client, this.options.ingestId)) {
      const { rows } = await client.query<{ free: boolean }>(`select pg_try_advisory_lock(${lockOf(ingestId)}) as free`);
      if (!rows[0]?.free) continue;
      try {
        const closed = await closeConnectionsOf(client, ingestId, Date.now(), newId);
        if (closed > 0) this.hasArrived = true;
      } finally {
        await client.query(`select pg_advisory_unlock(${lockOf(ingestId)})`).catch(() => {});
      }
    }
    this.sweptMs = Date.now();
  }
}

const lockOf = (ingestId: string): string => String(contentId("spanwatch ingest", ingestId));

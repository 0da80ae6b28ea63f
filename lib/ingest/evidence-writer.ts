import {
  evidenceStatements,
  type HandshakeRow,
  type LocalProcessRow,
  listLocalProcesses,
  type RejectRow,
} from "@/db/queries/ingest/evidence";
import { WriteConnection } from "@/db/write-connection";
import { logger } from "@/lib/logger";
import type { Connection } from "./connections";
import { closeConnectionsOfTheDead, holdLock } from "./dead-ingests";
import { EvidencePile } from "./evidence-pile";
import { Hints } from "./hints";

const SWEEP_MS = 30_000;
const RETRY_MS = 300;
const CONNECT_TIMEOUT_MS = 1_000;
const STATEMENT_TIMEOUT_MS = 10_000;
const SILENCE_MS = 15_000;
const DAY_MS = 86_400_000;
const LOCALS_MAX = 2_000;

interface Options {
  databaseUrl: string;
  ingestId: string;
  /** What `process.local_run` of this machine's processes begins with; null where /proc cannot tell. */
  runPrefix: string | null;
  /** Runs at every connection to the database, with the processes of this machine that were watched. */
  onConnected: (locals: Awaited<ReturnType<typeof listLocalProcesses>>) => void;
}

/**
 * Writes what is known beside the records: connections, their ends, handshakes, refusals, processes on this machine, and the hints to
 * scheduler and browsers. One database connection, one transaction at a time, each with all that has come up since the last; what cannot be
 * written now is kept and tried again. Its session holds a lock by the id of this ingest, by which others see that it lives.
 */
export class EvidenceWriter {
  private readonly options: Options;
  private readonly pile = new EvidencePile();
  private readonly hints = new Hints();
  private connection: WriteConnection | null = null;
  private sweptMs = 0;
  private retryAtMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private dueMs = Number.POSITIVE_INFINITY;
  private running: Promise<void> | null = null;
  private isClosing = false;

  constructor(options: Options) {
    this.options = options;
    this.wake(0);
  }

  /** Writes the connection as it then stands. */
  noteConnection(connection: Connection): void {
    this.pile.addConnection(connection);
    this.wake(0);
  }

  /** The close of a connection, and that the scheduler should look at the processes it carried. */
  noteClose(connection: Connection): void {
    for (const [processId, projectId] of connection.processes) this.pile.addHappened("connection", projectId, processId);
    this.noteConnection(connection);
  }

  noteHandshake(row: HandshakeRow, connection: Connection): void {
    this.pile.addHandshake(row);
    this.pile.addHappened("source", row.projectId, null);
    this.noteConnection(connection);
  }

  noteReject(row: RejectRow, connection: Connection): void {
    this.pile.addReject(row);
    if (row.projectId !== null) this.pile.addHappened("source", row.projectId, null);
    for (const projectId of connection.processes.values()) this.pile.addHappened("source", projectId, null);
    this.noteConnection(connection);
  }

  /** @param announceTo project whose scheduler should look at the process at once, or null */
  noteLocalProcess(row: LocalProcessRow, announceTo: number | null): void {
    this.pile.addLocalProcess(row);
    if (announceTo !== null) this.pile.addHappened("process", announceTo, row.processId);
    this.wake(0);
  }

  /** After a commit: there is something for the scheduler, and for the pages that are open. */
  noteCommit(projectId: number, traceIds: Uint8Array, count: number): void {
    this.hints.noteTraces(projectId, traceIds, count);
    this.wake(this.hints.dueInMs(Date.now()) ?? 0);
  }

  /** Writes what is left, as far as that goes within `timeoutMs`, and disconnects. */
  async close(timeoutMs: number): Promise<void> {
    this.isClosing = true;
    clearTimeout(this.timer);
    const untilMs = Date.now() + timeoutMs;
    const limit = setTimeout(() => this.connection?.destroy(), timeoutMs);
    await this.running;
    while (!this.pile.isEmpty && this.connection && Date.now() < untilMs) await this.run();
    clearTimeout(limit);
    await this.connection?.end();
  }

  private wake(inMs: number): void {
    const dueMs = Math.max(Date.now() + inMs, this.retryAtMs);
    if (this.running || this.isClosing || dueMs >= this.dueMs) return;
    this.dueMs = dueMs;
    clearTimeout(this.timer);
    const begin = () => {
      this.dueMs = Number.POSITIVE_INFINITY;
      this.running = this.run().finally(() => {
        this.running = null;
        this.wake(this.idleMs());
      });
    };
    this.timer = setTimeout(begin, Math.max(0, dueMs - Date.now()));
  }

  private idleMs(): number {
    const nowMs = Date.now();
    return this.pile.isEmpty ? (this.hints.dueInMs(nowMs) ?? Math.max(0, this.sweptMs + SWEEP_MS - nowMs)) : 0;
  }

  private async run(): Promise<void> {
    try {
      const connection = this.connection ?? (await this.connect());
      this.connection = connection;
      await connection.within(SILENCE_MS, () => this.write(connection));
      if (Date.now() - this.sweptMs >= SWEEP_MS && !this.isClosing) await connection.within(SILENCE_MS, () => this.sweep(connection));
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
      session: [`set statement_timeout = ${STATEMENT_TIMEOUT_MS}`, holdLock(ingestId)],
    });
    void connection.closed.then(() => {
      if (this.connection === connection) this.connection = null;
      // Our lock went with it: take it again before somebody believes that we are dead.
      this.wake(RETRY_MS);
    });
    if (runPrefix === null) return connection;
    const sinceMs = Date.now() - DAY_MS;
    onConnected(await connection.within(CONNECT_TIMEOUT_MS, () => listLocalProcesses(connection.client, runPrefix, sinceMs, LOCALS_MAX)));
    return connection;
  }

  private async write(connection: WriteConnection): Promise<void> {
    const taken = this.pile.take(this.options.ingestId);
    const steps = [...evidenceStatements(taken.rows), ...this.hints.take(taken.happened.length > 0, Date.now())];
    if (steps.length === 0) return;
    try {
      await connection.begin(steps);
      await connection.commit();
    } catch (error) {
      this.pile.putBack(taken);
      this.hints.noteArrival();
      throw error;
    }
  }

  private async sweep(connection: WriteConnection): Promise<void> {
    const closed = await closeConnectionsOfTheDead(connection, this.options.ingestId);
    if (closed > 0) this.hints.noteArrival();
    this.sweptMs = Date.now();
  }
}

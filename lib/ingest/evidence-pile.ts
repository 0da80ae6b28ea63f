import type { EvidenceRows, HandshakeRow, LocalProcessRow, RejectRow } from "@/db/queries/ingest/evidence";
import type { Connection } from "./connections";
import { newId } from "./ids";

/** While the database is away: what goes beyond is forgotten (the close of a connection is then noted at the next start). */
const KEPT_MAX = 20_000;
const REJECTS_KEPT_MAX = 2_000;

interface Happened {
  what: "connection" | "process" | "source";
  projectId: number;
  processIds: Set<bigint>;
}

/** What was taken from the pile, to be put back if it cannot be written. */
interface Taken {
  rows: EvidenceRows;
  connections: Connection[];
  happened: Happened[];
}

/** Evidence that waits to be written: the latest of each thing, so that it stays small however long the database is away. */
export class EvidencePile {
  private readonly connections = new Set<Connection>();
  private handshakes: HandshakeRow[] = [];
  private rejects: RejectRow[] = [];
  private readonly locals = new Map<bigint, LocalProcessRow>();
  /** What the scheduler should look at, by kind and project. */
  private happened = new Map<string, Happened>();

  get isEmpty(): boolean {
    return this.connections.size + this.handshakes.length + this.rejects.length + this.locals.size + this.happened.size === 0;
  }

  /** It is written as it will stand then. */
  addConnection(connection: Connection): void {
    if (this.connections.size < KEPT_MAX) this.connections.add(connection);
  }

  addHandshake(row: HandshakeRow): void {
    if (this.handshakes.length < KEPT_MAX) this.handshakes.push(row);
  }

  addReject(row: RejectRow): void {
    if (this.rejects.length < REJECTS_KEPT_MAX) this.rejects.push(row);
  }

  addLocalProcess(row: LocalProcessRow): void {
    if (this.locals.size < KEPT_MAX) this.locals.set(row.processId, row);
  }

  addHappened(what: Happened["what"], projectId: number, processId: bigint | null): void {
    const key = `${what}/${projectId}`;
    const happened = this.happened.get(key) ?? { what, projectId, processIds: new Set() };
    if (processId !== null) happened.processIds.add(processId);
    this.happened.set(key, happened);
  }

  take(ingestId: string): Taken {
    const connections = [...this.connections];
    const happened = [...this.happened.values()];
    const rows: EvidenceRows = {
      connections: connections.map((connection) => connection.toRow(ingestId)),
      handshakes: this.handshakes,
      rejects: this.rejects,
      localProcesses: [...this.locals.values()],
      arrivals: happened.map(({ what, projectId, processIds }) => ({
        projectId,
        row: { id: newId(), atMs: Date.now(), what, traceIds: [], openTraceIds: [], processIds: [...processIds] },
      })),
    };
    this.connections.clear();
    this.handshakes = [];
    this.rejects = [];
    this.locals.clear();
    this.happened = new Map();
    return { rows, connections, happened };
  }

  putBack({ rows, connections, happened }: Taken): void {
    for (const connection of connections) this.connections.add(connection);
    this.handshakes = rows.handshakes.concat(this.handshakes);
    this.rejects = rows.rejects.concat(this.rejects);
    // What came meanwhile is younger.
    for (const row of rows.localProcesses) if (!this.locals.has(row.processId)) this.locals.set(row.processId, row);
    for (const { what, projectId, processIds } of happened) {
      this.addHappened(what, projectId, null);
      for (const id of processIds) this.addHappened(what, projectId, id);
    }
  }
}

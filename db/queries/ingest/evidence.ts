import type pg from "pg";
import { byteaArray, int4Array, int8Array, msArray, textArray } from "../../binary-array";
import type { Statement } from "../../write-connection";
import { type ArrivalRow, arrivalPart } from "./arrivals";
import { type ConnectionRow, connectionsPart } from "./connections";
import { type Part, unnest } from "./part";

export interface HandshakeRow {
  id: bigint;
  atMs: number;
  connectionId: bigint;
  projectId: number;
  peer: string;
  userAgent: string;
  tokenHash: Buffer | null;
}

const HANDSHAKE_TYPES = ["int8", "int8", "int8", "int4", "text", "text", "bytea"] as const;
const handshakesPart: Part<HandshakeRow[]> = {
  size: HANDSHAKE_TYPES.length,
  sql: (from) => `
    insert into handshake (id, at_ms, connection_id, project_id, peer, user_agent, token_hash)
    select * from ${unnest(from, HANDSHAKE_TYPES)} on conflict do nothing`,
  values: (rows) => [
    int8Array(rows.map((row) => row.id)),
    msArray(rows.map((row) => row.atMs)),
    int8Array(rows.map((row) => row.connectionId)),
    int4Array(rows.map((row) => row.projectId)),
    textArray(rows.map((row) => row.peer)),
    textArray(rows.map((row) => row.userAgent)),
    byteaArray(rows.map((row) => row.tokenHash)),
  ],
};

export interface RejectRow {
  id: bigint;
  atMs: number;
  connectionId: bigint;
  projectId: number | null;
  path: string;
  userAgent: string;
  status: number;
  reason: string;
  detail: string;
  bodyHead: Buffer | null;
}

const REJECT_TYPES = ["int8", "int8", "int8", "int8", "text", "text", "int4", "text", "text", "bytea"] as const;
const rejectsPart: Part<RejectRow[]> = {
  size: REJECT_TYPES.length,
  sql: (from) => `
    insert into reject (id, at_ms, connection_id, project_id, path, user_agent, status, reason, detail, body_head)
    select * from ${unnest(from, REJECT_TYPES)} on conflict do nothing`,
  values: (rows) => [
    int8Array(rows.map((row) => row.id)),
    msArray(rows.map((row) => row.atMs)),
    int8Array(rows.map((row) => row.connectionId)),
    msArray(rows.map((row) => row.projectId)),
    textArray(rows.map((row) => row.path)),
    textArray(rows.map((row) => row.userAgent)),
    int4Array(rows.map((row) => row.status)),
    textArray(rows.map((row) => row.reason)),
    textArray(rows.map((row) => row.detail)),
    byteaArray(rows.map((row) => row.bodyHead)),
  ],
};

/** What /proc says of a process that sends from this machine; see `process.local_*`. */
export interface LocalProcessRow {
  processId: bigint;
  pid: number;
  verifiedBy: "socket" | "user" | null;
  run: string | null;
  aliveMs: number;
  goneMs: number | null;
}

const LOCAL_TYPES = ["int8", "int8", "text", "text", "int8", "int8"] as const;
const localProcessesPart: Part<LocalProcessRow[]> = {
  size: LOCAL_TYPES.length,
  sql: (from) => `
    update process set
      local_pid = given.pid,
      local_verified_by = given.verified_by,
      local_run = given.run,
      local_alive_ms = given.alive_ms,
      local_gone_ms = given.gone_ms
    from (
      select process.id, row.pid, row.verified_by, row.run, row.alive_ms, row.gone_ms
      from ${unnest(from, LOCAL_TYPES)} as row (id, pid, verified_by, run, alive_ms, gone_ms)
      join process on process.id = row.id
      order by process.id
      for update of process
    ) as given
    where process.id = given.id`,
  values: (rows) => [
    int8Array(rows.map((row) => row.processId)),
    msArray(rows.map((row) => row.pid)),
    textArray(rows.map((row) => row.verifiedBy)),
    textArray(rows.map((row) => row.run)),
    msArray(rows.map((row) => row.aliveMs)),
    msArray(rows.map((row) => row.goneMs)),
  ],
};

/** Evidence beside the records: what one write of it holds. */
export interface EvidenceRows {
  connections: ConnectionRow[];
  handshakes: HandshakeRow[];
  rejects: RejectRow[];
  localProcesses: LocalProcessRow[];
  /** By project. */
  arrivals: { projectId: number; row: ArrivalRow }[];
}

const statement = <Rows>(name: string, part: Part<Rows>, rows: Rows, projectId = 0): Statement => ({
  name,
  // Every part counts from $2 on, $1 being the project; those that need none name it all the same.
  text: `with given_project as (select $1::int4) ${part.sql(2)}`,
  values: [String(projectId), ...part.values(rows)],
});

export function evidenceStatements(rows: EvidenceRows): Statement[] {
  const statements: Statement[] = [];
  if (rows.connections.length > 0) statements.push(statement("connections", connectionsPart, rows.connections));
  if (rows.handshakes.length > 0) statements.push(statement("handshakes", handshakesPart, rows.handshakes));
  if (rows.rejects.length > 0) statements.push(statement("rejects", rejectsPart, rows.rejects));
  if (rows.localProcesses.length > 0) statements.push(statement("local processes", localProcessesPart, rows.localProcesses));
  for (const { projectId, row } of rows.arrivals) statements.push(statement("arrival", arrivalPart, row, projectId));
  return statements;
}

/** Told to whoever LISTENs; a hint, the tables are the truth. */
export const notifyStatement = (channel: string, payload: string): Statement => ({
  name: "notify",
  text: "select pg_notify($1, $2)",
  values: [channel, payload],
});

/** Ingests, other than `ownId`, that have connections open. */
export async function listIngestsWithOpenConnections(client: pg.Client, ownId: string): Promise<string[]> {
  const { rows } = await client.query<{ ingest_id: string }>(
    "select distinct ingest_id from connection where closed_ms is null and ingest_id <> $1",
    [ownId],
  );
  return rows.map((row) => row.ingest_id);
}

/** Closes what an ingest left open when it died; says nothing of the senders. The scheduler is told of the processes it carried. */
export async function closeConnectionsOf(client: pg.Client, ingestId: string, nowMs: number, newId: () => bigint): Promise<number> {
  const { rows } = await client.query<{ project_id: number; process_ids: string[]; connections: number }>(
    `with closed as (
       update connection set closed_ms = $2, closed_by = 'server' where ingest_id = $1 and closed_ms is null returning id
     )
     select project_id, array_agg(distinct process.id) as process_ids, count(distinct closed.id)::int4 as connections
     from closed
     join connection_process on connection_process.connection_id = closed.id
     join process on process.id = connection_process.process_id
     group by project_id`,
    [ingestId, nowMs],
  );
  for (const { project_id, process_ids } of rows) {
    await client.query("insert into arrival (id, at_ms, project_id, what, process_ids) values ($1, $2, $3, 'connection', $4)", [
      String(newId()),
      nowMs,
      project_id,
      process_ids,
    ]);
  }
  return rows.reduce((sum, row) => sum + row.connections, 0);
}

/** Processes of runs that begin with `runPrefix` (this boot, this pid namespace) and were alive when last looked at. */
export async function listLocalProcesses(client: pg.Client, runPrefix: string, sinceMs: number, limit: number) {
  const { rows } = await client.query<{
    id: string;
    project_id: number;
    local_pid: string;
    local_verified_by: "socket" | "user" | null;
    local_run: string;
    last_received_ms: string;
  }>(
    `select id, project_id, local_pid, local_verified_by, local_run, last_received_ms from process
     where starts_with(local_run, $1) and local_gone_ms is null and last_received_ms > $2
     order by last_received_ms desc limit $3`,
    [runPrefix, sinceMs, limit],
  );
  return rows.map((row) => ({
    processId: BigInt(row.id),
    projectId: row.project_id,
    pid: Number(row.local_pid),
    verifiedBy: row.local_verified_by,
    run: row.local_run,
    lastReceivedMs: Number(row.last_received_ms),
  }));
}

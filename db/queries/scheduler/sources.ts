import type { Db } from "@/db/client";
import type { TraceId } from "@/lib/otel/ids";
import { readRows } from "../prepared";
import type { Transaction } from "./transaction";

interface Window {
  projectId: number;
  sinceMs: number;
  limit: number;
}

export interface SenderRow {
  processId: string;
  lastReceivedMs: number;
  endedSpans: number;
  logs: number;
  trimmedSpans: number;
}

/** The processes that were heard of since `sinceMs`, the latest first. */
export function listSenders(db: Db, { projectId, sinceMs, limit }: Window): Promise<SenderRow[]> {
  return readRows<SenderRow>(
    db,
    "senders",
    `select id as "processId", last_received_ms::float8 as "lastReceivedMs", ended_spans::float8 as "endedSpans", logs::float8 as logs,
       trimmed_spans::float8 as "trimmedSpans"
     from process where project_id = $1 and last_received_ms >= $2::int8 order by last_received_ms desc limit $3`,
    [projectId, sinceMs, limit],
  );
}

export interface SelfMetricRow {
  processId: string;
  name: string;
  /** Canonical JSON: a list of pairs. */
  attributes: string;
  value: number;
  receivedMs: number;
}

/** What the SDKs of these processes count about themselves. */
export function listSelfMetrics(db: Db, processIds: readonly string[]): Promise<SelfMetricRow[]> {
  return readRows<SelfMetricRow>(
    db,
    "self metrics",
    `select process_id as "processId", name, attributes, value, received_ms::float8 as "receivedMs"
     from process_metric where process_id = any($1::int8[]) order by process_id, name, attributes`,
    [processIds],
  );
}

export interface HandshakeRow {
  atMs: number;
  connectionId: string;
  peer: string;
  userAgent: string;
  tokenHash: string | null;
  direct: boolean;
}

/** Hand-shakes since `sinceMs`, the latest first. */
export function listHandshakes(db: Db, { projectId, sinceMs, limit }: Window): Promise<HandshakeRow[]> {
  return readRows<HandshakeRow>(
    db,
    "handshakes",
    `select handshake.at_ms::float8 as "atMs", handshake.connection_id as "connectionId", handshake.peer,
       handshake.user_agent as "userAgent", handshake.token_hash as "tokenHash", coalesce(connection.direct, true) as direct
     from handshake left join connection on connection.id = handshake.connection_id
     where handshake.project_id = $1 and handshake.at_ms >= $2::int8
     order by handshake.at_ms desc limit $3`,
    [projectId, sinceMs, limit],
  );
}

export interface RejectRow {
  atMs: number;
  connectionId: string;
  processIds: string[];
  direct: boolean;
  status: number;
  reason: string;
  detail: string;
}

/** A Collector's connection carries whole clusters: a few names say whose requests were refused. */
const PROCESSES_MAX = 20;

/** What was refused since `sinceMs` on connections that carried something of the project, the latest first. */
export function listRejects(db: Db, { projectId, sinceMs, limit }: Window): Promise<RejectRow[]> {
  return readRows<RejectRow>(
    db,
    "rejects",
    `select reject.at_ms::float8 as "atMs", reject.connection_id as "connectionId", carried.ids as "processIds",
       coalesce(connection.direct, true) as direct, reject.status, reject.reason, reject.detail
     from (
       select * from reject
       where at_ms >= $2::int8 and (project_id = $1 or project_id is null) order by at_ms desc limit $3
     ) as reject
     left join connection on connection.id = reject.connection_id
     cross join lateral (
       select coalesce(array_agg(one.process_id::text), '{}') as ids from (
         select process_id from connection_process
         join process on process.id = connection_process.process_id and process.project_id = $1
         where connection_id = reject.connection_id order by connection_process.first_received_ms limit ${PROCESSES_MAX}
       ) as one
     ) as carried
     where cardinality(carried.ids) > 0
     order by reject.at_ms desc`,
    [projectId, sinceMs, limit],
  );
}

export interface TraceFindingRow {
  kind: string;
  traceId: TraceId;
  processId: string | null;
  openedMs: number;
}

/** Findings of these kinds about traces that were opened since `sinceMs` and stand. */
export function listTraceFindings(db: Db, { projectId, sinceMs, limit }: Window, kinds: readonly string[]): Promise<TraceFindingRow[]> {
  return readRows<TraceFindingRow>(
    db,
    "findings of traces lately",
    `select kind, trace_id as "traceId", process_id as "processId", opened_ms::float8 as "openedMs"
     from finding
     where project_id = $1 and opened_ms >= $2::int8 and state in ('open', 'muted') and trace_id is not null and kind = any($4::text[])
     order by opened_ms desc limit $3`,
    [projectId, sinceMs, limit, kinds],
  );
}

/** The open and muted findings of these kinds that belong to no trace. */
export async function listStandingSourceFindings(
  tx: Transaction,
  projectId: number,
  kinds: readonly string[],
): Promise<{ id: string; lastEvidenceMs: number }[]> {
  const { rows } = await tx.query<{ id: string; lastEvidenceMs: number }>({
    name: "standing source findings",
    text: `select id, last_evidence_ms::float8 as "lastEvidenceMs" from finding
           where project_id = $1 and trace_id is null and state in ('open', 'muted') and kind = any($2::text[])`,
    values: [projectId, kinds],
  });
  return rows;
}

export interface SourceWatch {
  projectId: number;
  version: number;
}

/** Makes projects due for a look at their senders, or due earlier. Project ids must differ. */
export async function raiseSourceWatches(tx: Transaction, raised: readonly { projectId: number; dueMs: number }[]): Promise<void> {
  if (raised.length === 0) return;
  await tx.query({
    name: "raise source watches",
    text: `insert into source_watch (project_id, due_ms)
           select * from unnest($1::int4[], $2::int8[]) as raised (project_id, due_ms) order by project_id
           on conflict (project_id) do update set due_ms = least(source_watch.due_ms, excluded.due_ms), version = source_watch.version + 1`,
    values: [raised.map((one) => one.projectId), raised.map((one) => Math.round(one.dueMs))],
  });
}

export function listDueSourceWatches(db: Db, nowMs: number): Promise<SourceWatch[]> {
  return readRows<SourceWatch>(
    db,
    "due source watches",
    `select project_id as "projectId", version from source_watch where due_ms <= $1::int8 order by due_ms limit 100`,
    [nowMs],
  );
}

/** After a look: due then, or never; where something arrived meanwhile, due at `soonMs` at the latest. */
export async function settleSourceWatch(
  tx: Transaction,
  { projectId, version }: SourceWatch,
  nextDueMs: number | null,
  soonMs: number,
): Promise<void> {
  const { rowCount } = await tx.query("delete from source_watch where project_id = $1 and version = $2 and $3::int8 is null", [
    projectId,
    version,
    nextDueMs,
  ]);
  if (rowCount === 1) return;
  await tx.query(
    `update source_watch set due_ms = case when version = $2 then $3::int8 else least(coalesce($3::int8, $4::int8), $4::int8) end where project_id = $1`,
    [projectId, version, nextDueMs, soonMs],
  );
}

/** Puts off a project whose senders cannot be looked at now. */
export async function postponeSourceWatch(db: Db, projectId: number, dueMs: number): Promise<void> {
  await db.$client.query("update source_watch set due_ms = $2 where project_id = $1", [projectId, Math.round(dueMs)]);
}

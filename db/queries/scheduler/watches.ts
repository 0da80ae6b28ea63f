import type { Db } from "@/db/client";
import type { TraceId } from "@/lib/otel/ids";
import { readRows } from "../prepared";
import type { Transaction } from "./transaction";

/** What ingest has told (lib/ingest): traces that got records, and processes of which something was seen. */
export interface Arrival {
  atMs: number;
  projectId: number;
  /** `source`: a hand-shake or a refusal, of no process that is known. */
  what: "records" | "connection" | "process" | "source";
  traceIds: TraceId[];
  openTraceIds: TraceId[];
  processIds: string[];
}

const withoutDashes = (ids: string[]): TraceId[] => ids.map((id) => id.replaceAll("-", ""));

/** Takes the oldest arrivals; they are gone when the transaction commits. */
export async function takeArrivals(tx: Transaction, limit: number): Promise<Arrival[]> {
  const { rows } = await tx.query<Arrival>({
    name: "take arrivals",
    text: `delete from arrival where id in (select id from arrival order by id limit $1 for update skip locked)
           returning at_ms::float8 as "atMs", project_id as "projectId", what, trace_ids::text[] as "traceIds",
             open_trace_ids::text[] as "openTraceIds", process_ids::text[] as "processIds"`,
    values: [limit],
  });
  return rows.map((row) => ({ ...row, traceIds: withoutDashes(row.traceIds), openTraceIds: withoutDashes(row.openTraceIds) }));
}

/** Traces with an open or missing span of one of these processes. */
export async function listTracesOfProcesses(
  tx: Transaction,
  processIds: readonly string[],
): Promise<{ traceId: TraceId; projectId: number }[]> {
  const { rows } = await tx.query<{ traceId: string; projectId: number }>({
    name: "traces of processes",
    text: `select distinct trace_id as "traceId", project_id as "projectId" from open_span where process_id = any($1::int8[])`,
    values: [processIds],
  });
  return rows.map((row) => ({ ...row, traceId: row.traceId.replaceAll("-", "") }));
}

export interface Watch {
  traceId: TraceId;
  projectId: number;
  dueMs: number;
  /** Grows with each arrival: a look that began before one must not clear the watch. */
  version: number;
}

export interface DueWatch extends Watch {
  /** Spans and logs of the trace, as ingest counted them. */
  spanCount: number;
}

/** Makes traces due, or due earlier; each of them is one more version. Trace ids must differ. */
export async function raiseWatches(
  tx: Transaction,
  raised: readonly { traceId: TraceId; projectId: number; dueMs: number; atMs: number }[],
): Promise<void> {
  if (raised.length === 0) return;
  await tx.query({
    name: "raise watches",
    text: `insert into trace_watch (trace_id, project_id, due_ms, last_received_ms)
           select * from unnest($1::uuid[], $2::int4[], $3::int8[], $4::int8[]) as raised (trace_id, project_id, due_ms, at_ms) order by trace_id
           on conflict (trace_id) do update set
             due_ms = least(trace_watch.due_ms, excluded.due_ms),
             last_received_ms = greatest(trace_watch.last_received_ms, excluded.last_received_ms),
             version = trace_watch.version + 1`,
    values: [
      raised.map((one) => one.traceId),
      raised.map((one) => one.projectId),
      raised.map((one) => Math.round(one.dueMs)),
      raised.map((one) => one.atMs),
    ],
  });
}

/** Watches that are due, the longest due first. */
export function listDueWatches(db: Db, nowMs: number, limit: number): Promise<DueWatch[]> {
  return readRows(
    db,
    "due watches",
    `select trace_watch.trace_id as "traceId", trace_watch.project_id as "projectId", due_ms::float8 as "dueMs", version,
       coalesce(greatest(span_count, start_records, end_records) + log_count, 0) as "spanCount"
     from trace_watch left join trace on trace.trace_id = trace_watch.trace_id
     where due_ms <= $1::int8 order by due_ms limit $2`,
    [nowMs, limit],
  );
}

/** When the next trace, or the next look at senders, is due, Unix ms, or null when nothing is. */
export async function findNextDueMs(db: Db): Promise<number | null> {
  const [row] = await readRows<{ dueMs: number | null }>(
    db,
    "next due",
    `select least((select min(due_ms) from trace_watch), (select min(due_ms) from source_watch))::float8 as "dueMs"`,
    [],
  );
  return row?.dueMs ?? null;
}

/** After a look: the watch is due then (or never: removed), unless something arrived while it was looked at. */
export async function settleWatches(tx: Transaction, looked: readonly (Watch & { nextDueMs: number | null })[]): Promise<void> {
  const again = looked.filter(({ nextDueMs }) => nextDueMs !== null);
  const done = looked.filter(({ nextDueMs }) => nextDueMs === null);
  if (again.length > 0) {
    await tx.query({
      name: "postpone watches",
      text: `update trace_watch set due_ms = looked.due_ms
             from unnest($1::uuid[], $2::int4[], $3::int8[]) as looked (trace_id, version, due_ms)
             where trace_watch.trace_id = looked.trace_id and trace_watch.version = looked.version`,
      values: [again.map((one) => one.traceId), again.map((one) => one.version), again.map((one) => Math.round(one.nextDueMs as number))],
    });
  }
  if (done.length > 0) {
    await tx.query({
      name: "end watches",
      text: `delete from trace_watch using unnest($1::uuid[], $2::int4[]) as looked (trace_id, version)
             where trace_watch.trace_id = looked.trace_id and trace_watch.version = looked.version`,
      values: [done.map((one) => one.traceId), done.map((one) => one.version)],
    });
  }
}

/** Puts off watches whose traces cannot be looked at now, whatever arrives. */
export async function postponeWatches(db: Db, traceIds: readonly TraceId[], dueMs: number): Promise<void> {
  await db.$client.query("update trace_watch set due_ms = $2 where trace_id = any($1::uuid[])", [traceIds, Math.round(dueMs)]);
}

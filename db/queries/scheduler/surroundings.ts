import type { Db } from "@/db/client";
import type { SpanId, TraceId } from "@/lib/otel/ids";
import { bytesOf, readRows } from "../prepared";

/** When the first record of each of these traces came, whatever of them is still kept, Unix ms. */
export async function listFirstReceivedMs(db: Db, traceIds: readonly TraceId[]): Promise<Map<TraceId, number>> {
  const rows = await readRows<{ traceId: TraceId; firstReceivedMs: number }>(
    db,
    "first received",
    `select trace_id as "traceId", first_received_ms::float8 as "firstReceivedMs" from trace where trace_id = any($1::uuid[])`,
    [traceIds],
  );
  return new Map(rows.map(({ traceId, firstReceivedMs }) => [traceId, firstReceivedMs]));
}

/** Processes of these services that were heard of since `sinceMs`, the latest first. */
export async function listRecentProcessIds(
  db: Db,
  { projectId, services, sinceMs, limit }: { projectId: number; services: readonly string[]; sinceMs: number; limit: number },
): Promise<string[]> {
  const rows = await readRows<{ id: string }>(
    db,
    "recent processes of services",
    `select recent.id from unnest($2::text[]) as asked (service)
     cross join lateral (
       select id from process
       where project_id = $1 and process.service = asked.service and last_received_ms >= $3::int8
       order by last_received_ms desc limit $4
     ) as recent`,
    [projectId, services, sinceMs, limit],
  );
  return rows.map(({ id }) => id);
}

/** Processes of whatever service, heard of since `sinceMs`, latest first. */
export async function listLatestProcessIds(
  db: Db,
  { projectId, sinceMs, limit }: { projectId: number; sinceMs: number; limit: number },
): Promise<string[]> {
  const rows = await readRows<{ id: string }>(
    db,
    "latest processes",
    "select id from process where project_id = $1 and last_received_ms >= $2::int8 order by last_received_ms desc limit $3",
    [projectId, sinceMs, limit],
  );
  return rows.map(({ id }) => id);
}

/** The attributes of a span's first report, as OTLP bytes; spans that brought none are not in the list. */
export async function listFirstAttributes(
  db: Db,
  projectId: number,
  spans: readonly { traceId: TraceId; spanId: SpanId }[],
): Promise<{ traceId: TraceId; spanId: SpanId; attributes: Uint8Array }[]> {
  const rows = await readRows<{ traceId: TraceId; spanId: SpanId; attributes: string }>(
    db,
    "first attributes of spans",
    `select distinct on (trace_id, span_id) trace_id as "traceId", span_id as "spanId", attributes
     from span_record
     where project_id = $1 and trace_id = any($2::uuid[]) and span_id = any($3::bytea[]) and attributes is not null
     order by trace_id, span_id, phase, received_ms`,
    [projectId, [...new Set(spans.map(({ traceId }) => traceId))], spans.map(({ spanId }) => Buffer.from(spanId, "hex"))],
  );
  return rows.map((row) => ({ ...row, attributes: bytesOf(row.attributes) }));
}

export interface RootRow {
  traceId: TraceId;
  spanId: SpanId;
  name: string;
  kind: number;
  phase: number;
  processId: string;
  connectionId: string;
  /** Decimal text of a signed int8. */
  startNs: string;
  endNs: string | null;
  receivedMs: number;
  hasLinks: boolean;
}

/** The reports about the roots of traces of these services that were first heard of between two moments, in order of arrival. */
export function listRootRecords(
  db: Db,
  {
    projectId,
    services,
    fromMs,
    toMs,
    limit,
  }: { projectId: number; services: readonly string[]; fromMs: number; toMs: number; limit: number },
): Promise<RootRow[]> {
  return readRows<RootRow>(
    db,
    "records of roots",
    `with beside as (
       select trace_id, root_span_id from trace
       where project_id = $1 and first_received_ms between $3::int8 and $4::int8 and services && $2::text[] and root_span_id is not null
       order by first_received_ms desc limit $5
     )
     select record.trace_id as "traceId", record.span_id as "spanId", record.name, record.kind, record.phase,
       record.process_id as "processId", record.connection_id as "connectionId", record.start_ns as "startNs", record.end_ns as "endNs",
       record.received_ms::float8 as "receivedMs", record.links is not null as "hasLinks"
     from beside join span_record as record on record.trace_id = beside.trace_id and record.span_id = beside.root_span_id
     where record.project_id = $1
     order by record.received_ms`,
    [projectId, services, fromMs, toMs, limit],
  );
}

/** Whether a span was reported with links. */
export async function hasLinks(db: Db, projectId: number, traceId: TraceId, spanId: SpanId): Promise<boolean> {
  const rows = await readRows(
    db,
    "links of a span",
    "select from span_record where project_id = $1 and trace_id = $2 and span_id = $3 and links is not null limit 1",
    [projectId, traceId, Buffer.from(spanId, "hex")],
  );
  return rows.length > 0;
}

/** The trace first heard of between two moments whose id has the same low 64 bits and other high ones, and which of these spans it has. */
export async function findSameLowIds(
  db: Db,
  {
    projectId,
    traceId,
    spanIds,
    fromMs,
    toMs,
  }: { projectId: number; traceId: TraceId; spanIds: readonly SpanId[]; fromMs: number; toMs: number },
): Promise<{ traceId: TraceId; spanIds: SpanId[] } | null> {
  const rows = await readRows<{ traceId: TraceId; spanId: SpanId }>(
    db,
    "trace with the same low bits",
    `select distinct record.trace_id as "traceId", record.span_id as "spanId"
     from trace join span_record as record on record.trace_id = trace.trace_id
     where trace.project_id = $1 and trace.first_received_ms between $2::int8 and $3::int8
       and right(replace(trace.trace_id::text, '-', ''), 16) = right($4, 16) and trace.trace_id <> $4::uuid
       and record.project_id = $1 and record.span_id = any($5::bytea[])`,
    [projectId, fromMs, toMs, traceId, spanIds.map((spanId) => Buffer.from(spanId, "hex"))],
  );
  const [first] = rows;
  return first ? { traceId: first.traceId, spanIds: rows.filter((row) => row.traceId === first.traceId).map((row) => row.spanId) } : null;
}

/** Where the open spans of these traces were opened, as the last look stored it. */
export function listStoredCallSites(db: Db, traceIds: readonly TraceId[]): Promise<{ spanId: SpanId; callSite: string | null }[]> {
  return readRows(
    db,
    "stored call sites",
    `select span_id as "spanId", call_site as "callSite" from open_span where trace_id = any($1::uuid[])`,
    [traceIds],
  );
}

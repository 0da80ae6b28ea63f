import type { Db } from "@/db/client";
import type { SpanId, TraceId } from "@/lib/otel/ids";
import { bytesOf, readRows } from "../prepared";

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

/** Where the open spans of these traces were opened, as the last look stored it. */
export function listStoredCallSites(db: Db, traceIds: readonly TraceId[]): Promise<{ spanId: SpanId; callSite: string | null }[]> {
  return readRows(
    db,
    "stored call sites",
    `select span_id as "spanId", call_site as "callSite" from open_span where trace_id = any($1::uuid[])`,
    [traceIds],
  );
}

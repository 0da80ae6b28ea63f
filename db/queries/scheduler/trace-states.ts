import type { SpanId, TraceId } from "@/lib/otel/ids";
import type { Transaction } from "./transaction";

/** A span that is open or missing, as `open_span` keeps it. */
export interface OpenSpanWrite {
  traceId: TraceId;
  spanId: SpanId;
  projectId: number;
  processId: string;
  service: string;
  name: string;
  state: "ongoing" | "stale" | "abandoned" | "missing";
  /** Decimal text of a signed int8: the 64 bits that OTLP sent. */
  startNs: string;
  startMs: number;
  firstReceivedMs: number;
  lastActivityMs: number;
  callSite: string | null;
  /** The rule by which it may be open for long. */
  expectedId: string | null;
}

/** Rewrites the open and missing spans of these traces; rows that stay as they are are not touched. */
export async function replaceOpenSpans(tx: Transaction, traceIds: readonly TraceId[], rows: readonly OpenSpanWrite[]): Promise<void> {
  const keys = [rows.map((row) => row.traceId), rows.map((row) => Buffer.from(row.spanId, "hex"))];
  await tx.query({
    name: "delete open spans",
    text: `delete from open_span where trace_id = any($1::uuid[])
             and not exists (
               select from unnest($2::uuid[], $3::bytea[]) as kept (trace_id, span_id)
               where kept.trace_id = open_span.trace_id and kept.span_id = open_span.span_id
             )`,
    values: [traceIds, ...keys],
  });
  if (rows.length === 0) return;
  await tx.query({
    name: "upsert open spans",
    text: `insert into open_span (trace_id, span_id, project_id, process_id, service, name, state, start_ns, start_ms, first_received_ms,
             last_activity_ms, call_site, expected_id)
           select * from unnest($1::uuid[], $2::bytea[], $3::int4[], $4::int8[], $5::text[], $6::text[], $7::text[], $8::int8[], $9::int8[],
             $10::int8[], $11::int8[], $12::text[], $13::text[])
             as open (trace_id, span_id, project_id, process_id, service, name, state, start_ns, start_ms, first_received_ms,
               last_activity_ms, call_site, expected_id)
           order by trace_id, span_id
           on conflict (trace_id, span_id) do update set
             process_id = excluded.process_id, service = excluded.service, name = excluded.name, state = excluded.state,
             start_ns = excluded.start_ns, start_ms = excluded.start_ms, first_received_ms = excluded.first_received_ms,
             last_activity_ms = excluded.last_activity_ms, call_site = excluded.call_site,
             expected_id = excluded.expected_id
           where (open_span.process_id, open_span.service, open_span.name, open_span.state, open_span.start_ns, open_span.first_received_ms,
               open_span.last_activity_ms, open_span.call_site, open_span.expected_id)
             is distinct from (excluded.process_id, excluded.service, excluded.name, excluded.state, excluded.start_ns,
               excluded.first_received_ms, excluded.last_activity_ms, excluded.call_site, excluded.expected_id)`,
    values: [
      ...keys,
      rows.map((row) => row.projectId),
      rows.map((row) => row.processId),
      rows.map((row) => row.service),
      rows.map((row) => row.name),
      rows.map((row) => row.state),
      rows.map((row) => row.startNs),
      rows.map((row) => row.startMs),
      rows.map((row) => row.firstReceivedMs),
      rows.map((row) => row.lastActivityMs),
      rows.map((row) => row.callSite),
      rows.map((row) => row.expectedId),
    ],
  });
}

/** Exact numbers of a trace, as its spans say. */
export interface TraceSummaryWrite {
  traceId: TraceId;
  /** Decimal text of a signed int8, or null where no span has a usable one. */
  startNs: string | null;
  endNs: string | null;
  spanCount: number;
  errorCount: number;
  logCount: number;
  openCount: number;
  missingCount: number;
  rootService: string | null;
  rootName: string | null;
  rootSpanId: SpanId | null;
  settledMs: number | null;
  findingCount: number;
  worstSeverity: string | null;
  kinds: string[];
}

/**
 * Replaces the counts that ingest summed up. Rows are locked in the order in which ingest locks them.
 * @returns the traces that were settled before, with those that settle now for the first time left out.
 */
export async function updateTraceSummaries(tx: Transaction, summaries: readonly TraceSummaryWrite[]): Promise<Set<TraceId>> {
  const traceIds = summaries.map((summary) => summary.traceId);
  const { rows } = await tx.query<{ traceId: string; isSettled: boolean }>({
    name: "lock traces",
    text: `select trace_id::text as "traceId", settled_ms is not null as "isSettled"
           from trace where trace_id = any($1::uuid[]) order by trace_id for no key update`,
    values: [traceIds],
  });
  await tx.query({
    name: "update trace summaries",
    text: `update trace set
             start_ns = exact.start_ns, end_ns = exact.end_ns, span_count = exact.span_count, error_count = exact.error_count,
             log_count = exact.log_count, open_count = exact.open_count, missing_count = exact.missing_count,
             root_service = coalesce(exact.root_service, trace.root_service), root_name = coalesce(exact.root_name, trace.root_name),
             root_span_id = coalesce(exact.root_span_id, trace.root_span_id),
             settled_ms = exact.settled_ms, finding_count = exact.finding_count, worst_severity = exact.worst_severity,
             kinds = string_to_array(exact.kinds, ' ')
           from unnest($1::uuid[], $2::int8[], $3::int8[], $4::int4[], $5::int4[], $6::int4[], $7::int4[], $8::int4[], $9::text[],
             $10::text[], $11::bytea[], $12::int8[], $13::int4[], $14::text[], $15::text[])
             as exact (trace_id, start_ns, end_ns, span_count, error_count, log_count, open_count, missing_count, root_service, root_name,
               root_span_id, settled_ms, finding_count, worst_severity, kinds)
           where trace.trace_id = exact.trace_id`,
    values: [
      traceIds,
      summaries.map((summary) => summary.startNs),
      summaries.map((summary) => summary.endNs),
      summaries.map((summary) => summary.spanCount),
      summaries.map((summary) => summary.errorCount),
      summaries.map((summary) => summary.logCount),
      summaries.map((summary) => summary.openCount),
      summaries.map((summary) => summary.missingCount),
      summaries.map((summary) => summary.rootService),
      summaries.map((summary) => summary.rootName),
      summaries.map((summary) => summary.rootSpanId && Buffer.from(summary.rootSpanId, "hex")),
      summaries.map((summary) => summary.settledMs),
      summaries.map((summary) => summary.findingCount),
      summaries.map((summary) => summary.worstSeverity),
      summaries.map((summary) => summary.kinds.join(" ")),
    ],
  });
  return new Set(rows.filter(({ isSettled }) => isSettled).map(({ traceId }) => traceId.replaceAll("-", "")));
}

import type { Db } from "@/db/client";
import type { SpanId, TraceId } from "@/lib/otel/ids";
import { readRows } from "../prepared";

export interface ElsewhereRow {
  traceId: TraceId;
  spanId: SpanId;
  name: string;
  service: string;
  /** Decimal text of a signed int8. */
  startNs: string;
  endNs: string | null;
}

export interface ElsewhereQuery {
  projectId: number;
  /** The trace that is not searched. */
  traceId: TraceId;
  spanIds: readonly SpanId[];
  /** When that trace was first heard of, and between which moments what is looked for was, server clock, Unix ms. */
  aroundMs: number;
  fromMs: number;
  toMs: number;
  /** Traces that were open between these moments come first, senders' clocks, ns as signed int8. */
  openFromNs: string;
  openToNs: string;
  /** Traces that are searched whatever lies between. */
  traceIds: readonly TraceId[];
}

/** Traces first heard of before, and after, of which the nearest are chosen; and how many traces, and spans in them, are read at most. */
const BESIDE_MAX = 500;
const TRACES_MAX = 100;
const SPANS_MAX = 10_000;

/**
 * Spans with these ids in other traces. There is no index by span id (it would cost every span that is stored, and hardly any is ever looked
 * for), so what is read is bounded: of the traces heard of next before and after, those that were open when the child began come first, then
 * the nearest in time. Of several reports of one span the end's is given.
 */
export function findSpansElsewhere(db: Db, query: ElsewhereQuery): Promise<ElsewhereRow[]> {
  const { projectId, traceId, spanIds, aroundMs, fromMs, toMs, openFromNs, openToNs, traceIds } = query;
  return readRows<ElsewhereRow>(
    db,
    "spans of traces beside",
    `with beside as (
       (select trace_id, first_received_ms, start_ns, end_ns, span_count from trace
        where project_id = $1 and first_received_ms between $4::int8 and $3::int8
        order by first_received_ms desc limit ${BESIDE_MAX})
       union all
       (select trace_id, first_received_ms, start_ns, end_ns, span_count from trace
        where project_id = $1 and first_received_ms > $3::int8 and first_received_ms <= $5::int8
        order by first_received_ms limit ${BESIDE_MAX})
     ), ranked as (
       select trace_id, row_number() over nearest as place, sum(span_count) over nearest as spans from beside
       where trace_id <> $2::uuid and span_count <= ${SPANS_MAX}
       window nearest as (
         order by (start_ns <= $7::int8 and coalesce(end_ns, $6::int8) >= $6::int8) desc nulls last, abs(first_received_ms - $3::int8), trace_id
       )
     ), asked as (
       select trace_id from ranked where place <= ${TRACES_MAX} and spans <= ${SPANS_MAX}
       union select unnest($8::uuid[])
     )
     select distinct on (record.trace_id, record.span_id) record.trace_id as "traceId", record.span_id as "spanId", record.name, record.service,
       record.start_ns as "startNs", case when record.phase = 2 then record.end_ns end as "endNs"
     from asked join span_record as record on record.trace_id = asked.trace_id
     where record.project_id = $1 and record.received_ms between $4::int8 and $5::int8 and record.span_id = any($9::bytea[])
     order by record.trace_id, record.span_id, record.phase desc, record.end_ns desc nulls last`,
    [projectId, traceId, aroundMs, fromMs, toMs, openFromNs, openToNs, traceIds, spanIds.map((spanId) => Buffer.from(spanId, "hex"))],
  );
}

/** The traces in which a standing finding of `kind` about this trace places its spans. */
export async function listProposedTraceIds(db: Db, traceId: TraceId, kind: string): Promise<TraceId[]> {
  const rows = await readRows<{ traceId: TraceId }>(
    db,
    "proposed traces of findings",
    `select distinct proposed->>'traceId' as "traceId" from finding cross join jsonb_array_elements(proposed_parents) as proposed
     where finding.trace_id = $1 and kind = $2 and state in ('open', 'muted') and proposed_parents is not null`,
    [traceId, kind],
  );
  return rows.map((row) => row.traceId);
}

import type { Db } from "@/db/client";
import { type CopyRow, copyRows, uuidLiteral } from "@/db/copy-rows";
import { isSpanId, type SpanId, type TraceId } from "@/lib/otel/ids";
import { DIALECTS, PHASES, SPAN_KINDS, type SpanRecord, STATUS_CODES } from "@/lib/otel/span";

/** Every report received about the spans of a trace, in no particular order. */
export async function listSpanRecords(db: Db, projectId: number, traceId: TraceId): Promise<SpanRecord[]> {
  return copyRows(
    db,
    `select ${COLUMNS} from span_record where trace_id = ${uuidLiteral(traceId)} and project_id = ${Number(projectId)}`,
    spanRecordOf,
  );
}

/** The same of many traces at once; a trace of which nothing is stored is not in the map. */
export async function listSpanRecordsOfTraces(
  db: Db,
  projectId: number,
  traceIds: readonly TraceId[],
): Promise<Map<TraceId, SpanRecord[]>> {
  const byTrace = new Map<TraceId, SpanRecord[]>();
  if (traceIds.length === 0) return byTrace;
  const those = traceIds.map(uuidLiteral).join(", ");
  const records = await copyRows(
    db,
    `select ${COLUMNS} from span_record where trace_id in (${those}) and project_id = ${Number(projectId)}`,
    spanRecordOf,
  );
  for (const record of records) {
    const group = byTrace.get(record.traceId);
    if (group) group.push(record);
    else byTrace.set(record.traceId, [record]);
  }
  return byTrace;
}

/** A report with all that it brought. Attributes, events and links are OTLP bytes (lib/otel/attributes, lib/otel/events). */
export interface SpanReport {
  record: SpanRecord;
  traceState: string | null;
  droppedCount: number;
  attributes: Uint8Array;
  events: Uint8Array;
  links: Uint8Array;
}

/** Everything received about the spans of a trace, or about those of one id, whole. */
export async function listSpanReports(db: Db, projectId: number, traceId: TraceId, spanId: SpanId | null): Promise<SpanReport[]> {
  if (spanId !== null && !isSpanId(spanId)) return [];
  const ofSpan = spanId === null ? "" : `and span_id = '\\x${spanId}'::bytea`;
  return copyRows(
    db,
    `select ${COLUMNS}, trace_state, dropped_count, attributes, events, links from span_record
     where trace_id = ${uuidLiteral(traceId)} and project_id = ${Number(projectId)} ${ofSpan}`,
    (row) => ({
      record: spanRecordOf(row),
      traceState: row.textOrNull(),
      droppedCount: row.int4(),
      attributes: row.bytes(),
      events: row.bytes(),
      links: row.bytes(),
    }),
  );
}

// The narrow columns: what a tree and its checks need. Attributes, events and links are read for one span at a time.
const COLUMNS = `trace_id, received_ms, start_ns, end_ns, request_id, connection_id, process_id, resource_id, scope_id, flags, marks,
  heartbeat_every_ms, phase, dialect, kind, status_code, span_id, parent_span_id, service, name, status_message`;

/** Reads the columns of COLUMNS in their order; an object literal is evaluated from top to bottom. */
const spanRecordOf = (row: CopyRow): SpanRecord => ({
  traceId: row.uuid(),
  receivedMs: row.number(),
  startTimeUnixNano: row.uint64(),
  endTimeUnixNano: row.uint64OrNull(),
  requestId: row.id(),
  connectionId: row.id(),
  processId: row.id(),
  resourceId: row.id(),
  scopeId: row.id(),
  flags: row.int4() >>> 0,
  marks: row.int4(),
  heartbeatEveryMs: row.int4OrNull(),
  phase: PHASES[row.int2()] ?? "end",
  dialect: DIALECTS[row.int2()] ?? "otlp",
  kind: SPAN_KINDS[row.int2()] ?? "unspecified",
  statusCode: STATUS_CODES[row.int2()] ?? "unset",
  spanId: row.hex(),
  parentSpanId: row.hexOrNull(),
  service: row.text(),
  name: row.text(),
  statusMessage: row.textOrNull(),
});

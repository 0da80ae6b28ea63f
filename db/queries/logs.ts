import type { Db } from "@/db/client";
import { type CopyRow, copyRows, uuidLiteral } from "@/db/copy-rows";
import { isSpanId, type SpanId, type TraceId } from "@/lib/otel/ids";
import type { LogRecord } from "@/lib/otel/log-record";
import { readRows, readTuples } from "./prepared";

const COLUMNS = `trace_id, received_ms, time_ns, request_id, connection_id, process_id, resource_id, flags, severity_number, span_id, service,
  severity_text, event_name, message, template`;

/** The log records of each of these traces, without their attributes, in no particular order; a trace without any is not in the map. */
export async function listLogRecordsOfTraces(db: Db, projectId: number, traceIds: readonly TraceId[]): Promise<Map<TraceId, LogRecord[]>> {
  const byTrace = new Map<TraceId, LogRecord[]>();
  if (traceIds.length === 0) return byTrace;
  const those = traceIds.map(uuidLiteral).join(", ");
  const select = `select ${COLUMNS} from log_record where trace_id in (${those}) and project_id = ${Number(projectId)}`;
  for (const record of await copyRows(db, select, logRecordOf)) {
    const group = byTrace.get(record.traceId);
    if (group) group.push(record);
    else byTrace.set(record.traceId, [record]);
  }
  return byTrace;
}

/** Reads COLUMNS in their order; an object literal is evaluated from top to bottom. */
const logRecordOf = (row: CopyRow): LogRecord & { traceId: TraceId } => ({
  traceId: row.uuid(),
  receivedMs: row.number(),
  timeUnixNano: row.uint64(),
  requestId: row.id(),
  connectionId: row.id(),
  processId: row.id(),
  resourceId: row.id(),
  flags: row.int4() >>> 0,
  severityNumber: row.int2(),
  spanId: row.hexOrNull(),
  service: row.text(),
  severityText: row.textOrNull(),
  eventName: row.textOrNull(),
  message: row.text(),
  template: row.textOrNull(),
});

/** What log records tell of the spans they were written in (lib/span-tree/latest-activity), of one trace. */
export async function listLogSigns(db: Db, projectId: number, traceId: TraceId) {
  const select = `select span_id, process_id, time_ns from log_record where trace_id = ${uuidLiteral(traceId)}
    and project_id = ${Number(projectId)} and span_id is not null`;
  return copyRows(db, select, (row) => ({ spanId: row.hex(), processId: row.id(), timeUnixNano: row.uint64() }));
}

/** How many log records each span of a trace has, and when the youngest of them was written. */
export async function countLogsBySpan(db: Db, projectId: number, traceId: TraceId) {
  const rows = await readTuples<[spanId: SpanId, count: number, latestNs: string]>(
    db,
    "logs by span",
    `select span_id, count(*)::int4, max(time_ns) from log_record where trace_id = $1 and project_id = $2 and span_id is not null group by span_id`,
    [traceId, projectId],
  );
  return new Map(rows.map(([spanId, count, latestNs]) => [spanId, { count, latestUnixNano: BigInt(latestNs) }]));
}

/** A log record as one reads it: with its attributes as OTLP bytes in hex. */
export interface LogRow {
  traceId: TraceId;
  spanId: SpanId | null;
  timeNs: string;
  severityNumber: number;
  severityText: string | null;
  eventName: string | null;
  message: string;
  service: string;
  processId: string;
  receivedMs: number;
  attributes: string | null;
  /** Place in the list, to go on from. */
  place: string;
}

/**
 * A page of a trace's log records (of one span of it), by time, then in order of arrival.
 * @param after the last record's time and place, or null for the first page.
 */
export async function listLogs(
  db: Db,
  page: { projectId: number; traceId: TraceId; spanId: SpanId | null; after: { timeNs: string; place: string } | null; limit: number },
): Promise<LogRow[]> {
  const { projectId, traceId, spanId, after, limit } = page;
  if (spanId !== null && !isSpanId(spanId)) return [];
  return readRows<LogRow>(
    db,
    "logs of a trace",
    `select trace_id as "traceId", span_id as "spanId", time_ns as "timeNs", severity_number as "severityNumber",
       severity_text as "severityText", event_name as "eventName", message, service, process_id as "processId",
       received_ms::float8 as "receivedMs", attributes, place
     from (select *, lpad(received_ms::text, 15, '0') || ':' || lpad(tableoid::text, 10, '0') || ctid::text as place from log_record
           where trace_id = $1 and project_id = $2 and ($3::bytea is null or span_id = $3)) as record
     where $4::int8 is null or (time_ns, place) > ($4, $5)
     order by time_ns, place
     limit $6`,
    [traceId, projectId, spanId === null ? null : Buffer.from(spanId, "hex"), after?.timeNs ?? null, after?.place ?? null, limit],
  );
}

import type { RecordBatch } from "@/lib/otel/record-batch";
import type { CopyBuffer } from "../../copy-binary";
import type { Halves, RowContext } from "./row-context";

const COLUMNS = [
  "received_ms",
  "time_ns",
  "request_id",
  "connection_id",
  "process_id",
  "resource_id",
  "scope_id",
  "trace_id",
  "project_id",
  "flags",
  "marks",
  "severity_number",
  "span_id",
  "service",
  "severity_text",
  "event_name",
  "message",
  "template",
  "body",
  "attributes",
];
export const COPY_LOG_RECORDS = `copy log_record (${COLUMNS.join(", ")}) from stdin (format binary)`;

/** Everything of a row but its texts and bytes, rounded up. */
const FIXED_BYTES = 240;
const NO_TRACE = new Uint8Array(16);

/**
 * Appends the log records of `batch` from row `from` until the buffer is full.
 * @returns the row to go on with; `batch.logs.count` when all are written.
 */
export function encodeLogRecords(out: CopyBuffer, batch: RecordBatch, context: RowContext, from: number): number {
  const { bytes, logs } = batch;
  const { received, requestId, connectionId, projectId } = context;
  let i = from;
  for (; i < logs.count && !out.isFull; i++) {
    const resource = context.resources[logs.resource[i] as number] as RowContext["resources"][number];
    const scopeId = context.scopeIds[logs.scope[i] as number] as Halves;
    const severityTextLength = logs.severityTextLength[i] as number;
    const eventNameLength = logs.eventNameLength[i] as number;
    const messageLength = logs.messageLength[i] as number;
    const templateLength = logs.templateLength[i] as number;
    const bodyLength = logs.bodyLength[i] as number;
    const attributesLength = logs.attributesLength[i] as number;
    const variableBytes = severityTextLength + eventNameLength + messageLength + templateLength + bodyLength + attributesLength;
    out.reserve(FIXED_BYTES + resource.service.length + variableBytes);

    out.int16(COLUMNS.length);
    out.int8(received.high, received.low);
    out.int8(logs.timeHigh[i] as number, logs.timeLow[i] as number);
    out.int8(requestId.high, requestId.low);
    out.int8(connectionId.high, connectionId.low);
    out.int8(resource.processId.high, resource.processId.low);
    out.int8(resource.resourceId.high, resource.resourceId.low);
    out.int8(scopeId.high, scopeId.low);
    const traceIdAt = logs.traceIdAt[i] as number;
    if (traceIdAt < 0) out.bytes(NO_TRACE, 0, 16);
    else out.bytes(bytes, traceIdAt, 16);
    out.int4(projectId);
    out.int4(logs.flags[i] as number);
    out.int4(logs.marks[i] as number);
    out.int2(logs.severityNumber[i] as number);
    out.bytes(bytes, logs.spanIdAt[i] as number, 8);
    out.bytes(resource.service, 0, resource.service.length);
    out.bytes(bytes, logs.severityTextAt[i] as number, severityTextLength);
    out.bytes(bytes, logs.eventNameAt[i] as number, eventNameLength);
    // The message column is never null; an absent one is empty.
    out.bytes(bytes, Math.max(0, logs.messageAt[i] as number), messageLength);
    out.bytes(bytes, logs.templateAt[i] as number, templateLength);
    out.bytes(bytes, logs.bodyAt[i] as number, bodyLength);
    out.bytes(bytes, logs.attributesAt[i] as number, attributesLength);
  }
  return i;
}

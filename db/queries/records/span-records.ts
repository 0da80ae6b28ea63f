import type { RecordBatch } from "@/lib/otel/record-batch";
import { PHASES } from "@/lib/otel/span";
import type { CopyBuffer } from "../../copy-binary";
import type { Halves, RowContext } from "./row-context";

const COLUMNS = [
  "received_ms",
  "start_ns",
  "end_ns",
  "request_id",
  "connection_id",
  "process_id",
  "resource_id",
  "scope_id",
  "trace_id",
  "project_id",
  "flags",
  "marks",
  "heartbeat_every_ms",
  "dropped_count",
  "phase",
  "dialect",
  "kind",
  "status_code",
  "span_id",
  "parent_span_id",
  "service",
  "name",
  "status_message",
  "trace_state",
  "attributes",
  "events",
  "links",
];
export const COPY_SPAN_RECORDS = `copy span_record (${COLUMNS.join(", ")}) from stdin (format binary)`;

const END = PHASES.indexOf("end");
/** Everything of a row but its texts and bytes, rounded up. */
const FIXED_BYTES = 300;

/**
 * Appends the span records of `batch` from row `from` until the buffer is full.
 * @returns the row to go on with; `batch.spans.count` when all are written.
 */
export function encodeSpanRecords(out: CopyBuffer, batch: RecordBatch, context: RowContext, from: number): number {
  const { bytes, spans } = batch;
  const { received, requestId, connectionId, projectId } = context;
  let i = from;
  for (; i < spans.count && !out.isFull; i++) {
    const resource = context.resources[spans.resource[i] as number] as RowContext["resources"][number];
    const scopeId = context.scopeIds[spans.scope[i] as number] as Halves;
    const nameLength = spans.nameLength[i] as number;
    const statusMessageLength = spans.statusMessageLength[i] as number;
    const traceStateLength = spans.traceStateLength[i] as number;
    const attributesLength = spans.attributesLength[i] as number;
    const eventsLength = spans.eventsLength[i] as number;
    const linksLength = spans.linksLength[i] as number;
    const variableBytes = nameLength + statusMessageLength + traceStateLength + attributesLength + eventsLength + linksLength;
    out.reserve(FIXED_BYTES + resource.service.length + variableBytes);

    out.int16(COLUMNS.length);
    out.int8(received.high, received.low);
    out.int8(spans.startHigh[i] as number, spans.startLow[i] as number);
    if (spans.phase[i] === END) out.int8(spans.endHigh[i] as number, spans.endLow[i] as number);
    else out.null();
    out.int8(requestId.high, requestId.low);
    out.int8(connectionId.high, connectionId.low);
    out.int8(resource.processId.high, resource.processId.low);
    out.int8(resource.resourceId.high, resource.resourceId.low);
    out.int8(scopeId.high, scopeId.low);
    out.bytes(bytes, spans.traceIdAt[i] as number, 16);
    out.int4(projectId);
    out.int4(spans.flags[i] as number);
    out.int4(spans.marks[i] as number);
    const heartbeatEveryMs = spans.heartbeatEveryMs[i] as number;
    if (heartbeatEveryMs === 0) out.null();
    else out.int4(heartbeatEveryMs);
    out.int4(spans.droppedCount[i] as number);
    out.int2(spans.phase[i] as number);
    out.int2(spans.dialect[i] as number);
    out.int2(spans.kind[i] as number);
    out.int2(spans.statusCode[i] as number);
    out.bytes(bytes, spans.spanIdAt[i] as number, 8);
    out.bytes(bytes, spans.parentSpanIdAt[i] as number, 8);
    out.bytes(resource.service, 0, resource.service.length);
    // The name column is never null; an absent one is empty.
    out.bytes(bytes, Math.max(0, spans.nameAt[i] as number), nameLength);
    out.bytes(bytes, spans.statusMessageAt[i] as number, statusMessageLength);
    out.bytes(bytes, spans.traceStateAt[i] as number, traceStateLength);
    out.bytes(bytes, spans.attributesAt[i] as number, attributesLength);
    out.bytes(bytes, spans.eventsAt[i] as number, eventsLength);
    out.bytes(bytes, spans.linksAt[i] as number, linksLength);
  }
  return i;
}

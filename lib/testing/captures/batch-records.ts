import { hexOf } from "@/lib/otel/ids";
import type { LogRecord } from "@/lib/otel/log-record";
import type { RecordBatch } from "@/lib/otel/record-batch";
import { DIALECTS, PHASES, SPAN_KINDS, type SpanRecord, STATUS_CODES } from "@/lib/otel/span";

/** How a batch came: what ingest adds to each of its records. */
export interface Arrival {
  receivedMs: number;
  requestId: string;
  connectionId: string;
  /** The process of each of the batch's resources. */
  processIds: string[];
}

/** The records of a decoded batch as they would be read back from the database. */
export function recordsOf(batch: RecordBatch, arrival: Arrival): { spans: SpanRecord[]; logs: LogRecord[] } {
  const { bytes, spans, logs, resources } = batch;
  const { receivedMs, requestId, connectionId } = arrival;
  const text = (at: number, length: number) => (at < 0 ? "" : Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString());
  const textOrNull = (at: number, length: number) => (at < 0 ? null : text(at, length));
  const idOrNull = (at: number, length: number) => (at < 0 ? null : hexOf(bytes, at, length));
  const uint64 = (high: number, low: number) => (BigInt(high) << 32n) | BigInt(low);
  const origin = (resource: number) => ({
    receivedMs,
    requestId,
    connectionId,
    processId: arrival.processIds[resource] as string,
    resourceId: String(resource),
    service: resources[resource]?.service ?? "",
  });
  return {
    spans: Array.from({ length: spans.count }, (_, i): SpanRecord => {
      const phase = PHASES[spans.phase[i] as number] ?? "end";
      return {
        ...origin(spans.resource[i] as number),
        scopeId: String(spans.scope[i]),
        traceId: hexOf(bytes, spans.traceIdAt[i] as number, 16),
        spanId: hexOf(bytes, spans.spanIdAt[i] as number, 8),
        parentSpanId: idOrNull(spans.parentSpanIdAt[i] as number, 8),
        phase,
        dialect: DIALECTS[spans.dialect[i] as number] ?? "otlp",
        name: text(spans.nameAt[i] as number, spans.nameLength[i] as number),
        kind: SPAN_KINDS[spans.kind[i] as number] ?? "unspecified",
        statusCode: STATUS_CODES[spans.statusCode[i] as number] ?? "unset",
        statusMessage: textOrNull(spans.statusMessageAt[i] as number, spans.statusMessageLength[i] as number),
        flags: spans.flags[i] as number,
        marks: spans.marks[i] as number,
        startTimeUnixNano: uint64(spans.startHigh[i] as number, spans.startLow[i] as number),
        endTimeUnixNano: phase === "end" ? uint64(spans.endHigh[i] as number, spans.endLow[i] as number) : null,
        heartbeatEveryMs: (spans.heartbeatEveryMs[i] as number) || null,
      };
    }),
    logs: Array.from(
      { length: logs.count },
      (_, i): LogRecord => ({
        ...origin(logs.resource[i] as number),
        traceId: idOrNull(logs.traceIdAt[i] as number, 16),
        spanId: idOrNull(logs.spanIdAt[i] as number, 8),
        timeUnixNano: uint64(logs.timeHigh[i] as number, logs.timeLow[i] as number),
        flags: logs.flags[i] as number,
        severityNumber: logs.severityNumber[i] as number,
        severityText: textOrNull(logs.severityTextAt[i] as number, logs.severityTextLength[i] as number),
        eventName: textOrNull(logs.eventNameAt[i] as number, logs.eventNameLength[i] as number),
        message: text(logs.messageAt[i] as number, logs.messageLength[i] as number),
        template: textOrNull(logs.templateAt[i] as number, logs.templateLength[i] as number),
      }),
    ),
  };
}

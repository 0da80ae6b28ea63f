import type { MetricsDigest, RecordBatch } from "@/lib/otel/record-batch";
import { BatchBuilder } from "./batch-builder";
import { DEFAULT_LIMITS, type DecodeLimits } from "./limits";
import { LogDecoder } from "./log-decoder";
import { readingBody } from "./malformed-body";
import { LOGS_REQUEST, METRICS_REQUEST, TRACES_REQUEST } from "./message-shape";
import { MetricDecoder } from "./metric-decoder";
import { TraceDecoder } from "./trace-decoder";

/**
 * The spans of an ExportTraceServiceRequest, and the log records that Logfire sends as spans. Records that cannot be taken are refused
 * one by one and counted; MalformedBody says that the whole is no such request. The batch refers to `body`: do not write to it.
 */
export function decodeTraces(body: Uint8Array, limits: DecodeLimits = DEFAULT_LIMITS): RecordBatch {
  const batch = new BatchBuilder(body, limits, "spans");
  readingBody(body, TRACES_REQUEST, () => new TraceDecoder(batch).run());
  return batch.finish();
}

/** The log records of an ExportLogsServiceRequest, and the span records that heartbeat logs carry (wire.md §7.2). As decodeTraces. */
export function decodeLogs(body: Uint8Array, limits: DecodeLimits = DEFAULT_LIMITS): RecordBatch {
  const batch = new BatchBuilder(body, limits, "logs");
  readingBody(body, LOGS_REQUEST, () => new LogDecoder(batch).run());
  return batch.finish();
}

/** Whose an ExportMetricsServiceRequest is, and the SDK's counters about itself (`otel.sdk.*`); the rest is counted and let go. */
export function decodeMetrics(body: Uint8Array, limits: DecodeLimits = DEFAULT_LIMITS): MetricsDigest {
  const batch = new BatchBuilder(body, limits, "logs");
  return readingBody(body, METRICS_REQUEST, () => new MetricDecoder(batch).run());
}

import type { MetricsDigest, RecordBatch } from "@/lib/otel/record-batch";
import type { Signal } from "@/lib/otlp/answer";
import { decodeLogsJson, decodeMetricsJson, decodeTracesJson } from "@/lib/otlp/json";
import { decodeLogs, decodeMetrics, decodeTraces } from "@/lib/otlp/protobuf";
import { decodeZipkin } from "@/lib/otlp/zipkin";

/** How a body is written. */
export type Format = "protobuf" | "json" | "zipkin";

/** What a request brings: records to store, or what its metrics tell of their sender. */
export type Decoded = { batch: RecordBatch; metrics: null } | { batch: null; metrics: MetricsDigest };

const records = (batch: RecordBatch): Decoded => ({ batch, metrics: null });
const metrics = (digest: MetricsDigest): Decoded => ({ batch: null, metrics: digest });

const DECODERS: Record<Format, Record<Signal, (body: Uint8Array) => Decoded>> = {
  protobuf: {
    traces: (body) => records(decodeTraces(body)),
    logs: (body) => records(decodeLogs(body)),
    metrics: (body) => metrics(decodeMetrics(body)),
  },
  json: {
    traces: (body) => records(decodeTracesJson(body)),
    logs: (body) => records(decodeLogsJson(body)),
    metrics: (body) => metrics(decodeMetricsJson(body)),
  },
  zipkin: {
    traces: (body) => records(decodeZipkin(body)),
    // Zipkin knows no others; its one route is of traces.
    logs: (body) => records(decodeZipkin(body)),
    metrics: (body) => records(decodeZipkin(body)),
  },
};

/** @throws MalformedBody */
export const decodeBody = (format: Format, signal: Signal, body: Uint8Array): Decoded => DECODERS[format][signal](body);

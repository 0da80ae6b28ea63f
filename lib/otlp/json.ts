import type { MetricsDigest, RecordBatch } from "@/lib/otel/record-batch";
import { logsToProtobuf, metricsToProtobuf, type Refused, tracesToProtobuf } from "./json-to-protobuf";
import { DEFAULT_LIMITS, type DecodeLimits } from "./limits";
import { MalformedBody } from "./malformed-body";
import { decodeLogs, decodeMetrics, decodeTraces } from "./protobuf";

/** OTLP/JSON (https://opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding") into the same as decodeTraces gives. */
export function decodeTracesJson(body: Uint8Array, limits: DecodeLimits = DEFAULT_LIMITS): RecordBatch {
  const refused = nobodyRefused();
  return withRefused(decodeTraces(tracesToProtobuf(parseJson(body), refused), limits), refused);
}

/** As decodeLogs, from OTLP/JSON. */
export function decodeLogsJson(body: Uint8Array, limits: DecodeLimits = DEFAULT_LIMITS): RecordBatch {
  const refused = nobodyRefused();
  return withRefused(decodeLogs(logsToProtobuf(parseJson(body), refused), limits), refused);
}

/** As decodeMetrics, from OTLP/JSON. */
export function decodeMetricsJson(body: Uint8Array, limits: DecodeLimits = DEFAULT_LIMITS): MetricsDigest {
  const refused = nobodyRefused();
  const digest = decodeMetrics(metricsToProtobuf(parseJson(body), refused), limits);
  digest.rejections.unshift(...refused.rejections);
  return digest;
}

/** JSON.parse does not recurse, so no depth of nesting hurts it; what walks the result minds its depth. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"));
  } catch (error) {
    throw new MalformedBody(`Not JSON: ${(error as Error).message}`, { cause: error });
  }
}

const nobodyRefused = (): Refused => ({ rejections: [], rejectedCount: 0 });

function withRefused(batch: RecordBatch, refused: Refused): RecordBatch {
  batch.rejections.unshift(...refused.rejections);
  batch.rejectedCount += refused.rejectedCount;
  return batch;
}

import type { Rejection } from "@/lib/otel/record-batch";
import { BackwardWriter } from "@/lib/otel/wire";

/** The two encodings of OTLP/HTTP; gRPC speaks protobuf. An answer has that of its request. */
export type Encoding = "protobuf" | "json";
export type Signal = "traces" | "logs" | "metrics";

/**
 * The body of an ExportTraceServiceResponse, ExportLogsServiceResponse or ExportMetricsServiceResponse. `partial_success` is unset when
 * nothing was refused and there is nothing to say; a message without refusals is a warning (OTLP specification, "Partial Success").
 */
export function encodeExportAnswer(encoding: Encoding, signal: Signal, rejected: number, errorMessage: string): Uint8Array {
  const isFullSuccess = rejected === 0 && errorMessage === "";
  if (encoding === "json") {
    const counted = rejected === 0 ? {} : { [REJECTED_FIELD[signal]]: String(rejected) };
    const said = errorMessage === "" ? {} : { errorMessage };
    return jsonBytes(isFullSuccess ? {} : { partialSuccess: { ...counted, ...said } });
  }
  const writer = new BackwardWriter(64 + errorMessage.length);
  if (!isFullSuccess) {
    if (errorMessage !== "") writer.text(2, errorMessage);
    if (rejected !== 0) writer.varint(1, rejected);
    writer.close(1, 0);
  }
  return writer.finish();
}

/** gRPC status codes that we answer with (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const GRPC_CODE = {
  ok: 0,
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** What went wrong with a whole request. */
export interface RpcStatus {
  code: number;
  /** English, for the developer whose exporter logs it. */
  message: string;
  /** google.rpc.BadRequest: which fields, and what was expected of them. */
  fieldViolations?: { field: string; description: string }[];
  /** google.rpc.RetryInfo: without it a gRPC client drops the data on RESOURCE_EXHAUSTED. */
  retryAfterMs?: number;
}

/** A google.rpc.Status: the body of every HTTP answer that is no success, and over gRPC the trailer `grpc-status-details-bin`. */
export function encodeStatus(encoding: Encoding, status: RpcStatus): Uint8Array {
  return encoding === "json" ? jsonBytes(statusJson(status)) : statusProtobuf(status);
}

/** `3 spans refused: trace_id was "00…", expected …`, with a few of the refusals spelled out: for `error_message`. */
export function describeRejections(rejections: readonly Rejection[], rejectedCount: number): string {
  if (rejectedCount === 0) return "";
  const different = new Map(rejections.map(({ field, value, expected }) => [`${field}: got ${value}, expected ${expected}`, true]));
  const told = [...different.keys()].slice(0, REJECTIONS_TOLD);
  return `${rejectedCount} refused, the others are stored. ${told.join("; ")}${different.size > told.length ? "; …" : ""}`;
}

const REJECTIONS_TOLD = 5;
const REJECTED_FIELD: Record<Signal, string> = { traces: "rejectedSpans", logs: "rejectedLogRecords", metrics: "rejectedDataPoints" };
const TYPE_URL = "type.googleapis.com/google.rpc.";
const NS_PER_MS = 1_000_000;

const jsonBytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

function statusJson({ code, message, fieldViolations = [], retryAfterMs }: RpcStatus): unknown {
  const details: unknown[] = [];
  if (fieldViolations.length > 0) details.push({ "@type": `${TYPE_URL}BadRequest`, fieldViolations });
  if (retryAfterMs !== undefined) details.push({ "@type": `${TYPE_URL}RetryInfo`, retryDelay: `${Math.round(retryAfterMs) / 1000}s` });
  return details.length > 0 ? { code, message, details } : { code, message };
}

function statusProtobuf({ code, message, fieldViolations = [], retryAfterMs }: RpcStatus): Uint8Array {
  const writer = new BackwardWriter(256);
  if (retryAfterMs !== undefined) {
    detail(writer, "RetryInfo", () => {
      const end = writer.length;
      const wholeMs = Math.round(retryAfterMs);
      if (wholeMs % 1000 > 0) writer.varint(2, (wholeMs % 1000) * NS_PER_MS);
      if (wholeMs >= 1000) writer.varint(1, Math.floor(wholeMs / 1000));
      writer.close(1, end);
    });
  }
  if (fieldViolations.length > 0) {
    detail(writer, "BadRequest", () => {
      for (const { field, description } of fieldViolations.toReversed()) {
        const end = writer.length;
        writer.text(2, description);
        writer.text(1, field);
        writer.close(1, end);
      }
    });
  }
  writer.text(2, message);
  if (code !== 0) writer.varint(1, code);
  return writer.finish();
}

/** One `details` entry: a google.protobuf.Any. */
function detail(writer: BackwardWriter, type: string, writeValue: () => void): void {
  const end = writer.length;
  writeValue();
  writer.close(2, end);
  writer.text(1, TYPE_URL + type);
  writer.close(3, end);
}

import { protoType } from "./otlp-proto";

/** Fields of a span as the .proto files name them; ids as hex, times as decimal text. */
export type SpanFields = Record<string, unknown>;

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const SPAN_ID = "b7ad6b7169203331";
const DEFAULTS: SpanFields = {
  trace_id: TRACE_ID,
  span_id: SPAN_ID,
  name: "work",
  start_time_unix_nano: "1700000000000000000",
  end_time_unix_nano: "1700000001000000000",
};

/** An ExportTraceServiceRequest with these spans (missing fields filled in), of one resource and scope, made by protobufjs. */
export function tracesRequest(
  spans: SpanFields[],
  resource: Record<string, unknown> = { "service.name": "shop" },
  scope: { name: string; version?: string } = { name: "lib" },
): Uint8Array {
  return encode("ExportTraceServiceRequest", {
    resource_spans: [
      {
        resource: { attributes: attributesOf(resource) },
        scope_spans: [{ scope, spans: spans.map((span) => withIds({ ...DEFAULTS, ...span })) }],
      },
    ],
  });
}

/** An ExportLogsServiceRequest with these log records, made by protobufjs. */
export function logsRequest(
  records: Record<string, unknown>[],
  resource: Record<string, unknown> = { "service.name": "shop" },
): Uint8Array {
  return encode("ExportLogsServiceRequest", {
    resource_logs: [
      { resource: { attributes: attributesOf(resource) }, scope_logs: [{ scope: { name: "lib" }, log_records: records.map(withIds) }] },
    ],
  });
}

export function encode(type: string, message: Record<string, unknown>): Uint8Array {
  const proto = protoType(type);
  return Uint8Array.from(proto.encode(proto.fromObject(message)).finish());
}

/** KeyValues of an object: strings, booleans, numbers (whole ones as int, others as double). */
export function attributesOf(values: Record<string, unknown>): { key: string; value: Record<string, unknown> }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValueOf(value) }));
}

export function anyValueOf(value: unknown): Record<string, unknown> {
  if (typeof value === "string") return { string_value: value };
  if (typeof value === "boolean") return { bool_value: value };
  if (typeof value === "number") return Number.isInteger(value) ? { int_value: value } : { double_value: value };
  if (value instanceof Uint8Array) return { bytes_value: value };
  if (Array.isArray(value)) return { array_value: { values: value.map(anyValueOf) } };
  return { kvlist_value: { values: attributesOf(value as Record<string, unknown>) } };
}

function withIds(fields: SpanFields): SpanFields {
  const ids = ["trace_id", "span_id", "parent_span_id"].filter((name) => typeof fields[name] === "string");
  return { ...fields, ...Object.fromEntries(ids.map((name) => [name, Buffer.from(fields[name] as string, "hex")])) };
}

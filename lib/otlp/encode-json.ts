import type { Attribute, AttributeValue } from "@/lib/otel/attributes";
import type { SpanEvent, SpanLink } from "@/lib/otel/events";
import { SPAN_KINDS, type SpanKind, STATUS_CODES, type StatusCode } from "@/lib/otel/span";
import type { UnixNano } from "@/lib/otel/time";

/** What is exported: resources, in them scopes, in them spans. */
export interface ExportedResource {
  attributes: Attribute[];
  schemaUrl: string;
  scopes: ExportedScope[];
}

export interface ExportedScope {
  name: string;
  version: string;
  attributes: Attribute[];
  schemaUrl: string;
  spans: ExportedSpan[];
}

export interface ExportedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  traceState: string | null;
  flags: number;
  name: string;
  kind: SpanKind;
  startTimeUnixNano: UnixNano;
  /** Null for a span that has not ended: then the field is left out, which is how an open span is said in OTLP (end-zero). */
  endTimeUnixNano: UnixNano | null;
  attributes: Attribute[];
  events: SpanEvent[];
  links: SpanLink[];
  /** The sum that is stored of what the SDK dropped; exported as `droppedAttributesCount`, being the commonest of the three. */
  droppedCount: number;
  statusCode: StatusCode;
  statusMessage: string | null;
}

type Json = Record<string, unknown>;

/**
 * TracesData as OTLP/JSON, ready for JSON.stringify: ids in hex, 64-bit numbers as text, enums as integers, bytes in base64, and NaN,
 * ±Infinity and −0 as text, for which JSON has no number. What decodeTracesJson reads back is what was stored.
 */
export function encodeTracesJson(resources: readonly ExportedResource[]): Json {
  return {
    resourceSpans: resources.map(({ attributes, schemaUrl, scopes }) => ({
      resource: { attributes: attributes.map(keyValueJson) },
      scopeSpans: scopes.map((scope) => ({
        scope: { name: scope.name, version: scope.version, attributes: scope.attributes.map(keyValueJson) },
        spans: scope.spans.map(spanJson),
        ...(scope.schemaUrl && { schemaUrl: scope.schemaUrl }),
      })),
      ...(schemaUrl && { schemaUrl }),
    })),
  };
}

function spanJson(span: ExportedSpan): Json {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.traceState && { traceState: span.traceState }),
    ...(span.parentSpanId && { parentSpanId: span.parentSpanId }),
    ...(span.flags !== 0 && { flags: span.flags }),
    name: span.name,
    kind: SPAN_KINDS.indexOf(span.kind),
    startTimeUnixNano: String(span.startTimeUnixNano),
    ...(span.endTimeUnixNano !== null && { endTimeUnixNano: String(span.endTimeUnixNano) }),
    attributes: span.attributes.map(keyValueJson),
    ...(span.droppedCount !== 0 && { droppedAttributesCount: span.droppedCount }),
    events: span.events.map(eventJson),
    links: span.links.map(linkJson),
    status: {
      ...(span.statusCode !== "unset" && { code: STATUS_CODES.indexOf(span.statusCode) }),
      ...(span.statusMessage && { message: span.statusMessage }),
    },
  };
}

const eventJson = (event: SpanEvent): Json => ({
  timeUnixNano: String(event.timeUnixNano),
  name: event.name,
  attributes: event.attributes.map(keyValueJson),
  ...(event.droppedAttributesCount !== 0 && { droppedAttributesCount: event.droppedAttributesCount }),
});

const linkJson = (link: SpanLink): Json => ({
  traceId: link.traceId,
  spanId: link.spanId,
  ...(link.traceState && { traceState: link.traceState }),
  attributes: link.attributes.map(keyValueJson),
  ...(link.droppedAttributesCount !== 0 && { droppedAttributesCount: link.droppedAttributesCount }),
  ...(link.flags !== 0 && { flags: link.flags }),
});

const keyValueJson = ({ key, value }: Attribute): Json => ({ key, value: anyValueJson(value) });

/** Recursion is bounded: no decoder makes values deeper than MAX_VALUE_DEPTH. */
function anyValueJson(value: AttributeValue): Json {
  switch (value.type) {
    case "string":
      return { stringValue: value.value };
    case "bool":
      return { boolValue: value.value };
    case "int":
      return { intValue: value.value };
    case "double":
      return { doubleValue: doubleJson(value.value) };
    case "bytes":
      return { bytesValue: Buffer.from(value.value).toString("base64") };
    case "array":
      return { arrayValue: { values: value.value.map(anyValueJson) } };
    case "kvlist":
      return { kvlistValue: { values: value.value.map(keyValueJson) } };
    case "empty":
      return {};
  }
}

function doubleJson(value: number): number | string {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}

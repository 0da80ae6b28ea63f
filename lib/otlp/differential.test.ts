import fc from "fast-check";
import { expect, test } from "vitest";
import type { Attribute, AttributeValue } from "@/lib/otel/attributes";
import { decodeLogsJson, decodeTracesJson } from "./json";
import { decodeLogs, decodeTraces } from "./protobuf";
import { anyLogsRequest, anyTracesRequest } from "./testing/arbitrary";
import { protoType } from "./testing/otlp-proto";
import { logRows, spanRows } from "./testing/rows";

/** What protobufjs, a decoder of other people's making, reads from the same bytes. */
// biome-ignore lint/suspicious/noExplicitAny: whatever protobufjs made of it
type Message = Record<string, any>;
const read = (type: string, bytes: Uint8Array): Message =>
  protoType(type).toObject(protoType(type).decode(bytes), { longs: String, bytes: String, defaults: true, arrays: true, oneofs: true });

const OPTIONS = { seed: 20261123, numRuns: 400 };

test("spans are read as protobufjs reads them, in whatever order their fields stand", () => {
  fc.assert(
    fc.property(anyTracesRequest, (bytes) => {
      expect(spanRows(decodeTraces(bytes)).map(({ marks: _, ...row }) => row)).toEqual(spansOf(read("ExportTraceServiceRequest", bytes)));
    }),
    OPTIONS,
  );
});

test("log records are read as protobufjs reads them", () => {
  fc.assert(
    fc.property(anyLogsRequest, (bytes) => {
      const rows = logRows(decodeLogs(bytes));
      expect(rows.map(({ marks: _, message: __, body: ___, ...row }) => row)).toEqual(logsOf(read("ExportLogsServiceRequest", bytes)));
    }),
    OPTIONS,
  );
});

test("the same spans sent as JSON come out the same", () => {
  fc.assert(
    fc.property(anyTracesRequest, (bytes) => {
      const json = jsonOf(read("ExportTraceServiceRequest", bytes));
      expect(spanRows(decodeTracesJson(json))).toEqual(spanRows(decodeTraces(bytes)));
    }),
    OPTIONS,
  );
});

test("the same log records sent as JSON come out the same", () => {
  fc.assert(
    fc.property(anyLogsRequest, (bytes) => {
      const json = jsonOf(read("ExportLogsServiceRequest", bytes));
      expect(logRows(decodeLogsJson(json))).toEqual(logRows(decodeLogs(bytes)));
    }),
    OPTIONS,
  );
});

test("of a request with bad spans among good ones exactly the bad ones are refused (R4)", () => {
  const badId = fc.constantFrom("traceless", "spanless", "zero");
  const spans = fc.array(fc.option(badId, { nil: null, freq: 2 }), { maxLength: 40 });
  fc.assert(
    fc.property(spans, fc.boolean(), (kinds, asJson) => {
      const hex = (length: number, zero: boolean) => (zero ? "00" : "ab").repeat(length);
      const list = kinds.map((bad, i) => ({
        traceId: bad === "traceless" ? "abc" : hex(16, bad === "zero"),
        spanId: bad === "spanless" ? "" : hex(8, false),
        name: `span ${i}`,
        startTimeUnixNano: "1",
        endTimeUnixNano: "2",
      }));
      const request = { resourceSpans: [{ scopeSpans: [{ spans: list }] }] };
      const batch = asJson
        ? decodeTracesJson(Buffer.from(JSON.stringify(request)))
        : decodeTraces(
            protoType("ExportTraceServiceRequest")
              .encode({
                resource_spans: [
                  {
                    scope_spans: [
                      {
                        spans: list.map((span) => ({
                          trace_id: Buffer.from(span.traceId, "hex"),
                          span_id: Buffer.from(span.spanId, "hex"),
                          name: span.name,
                        })),
                      },
                    ],
                  },
                ],
              })
              .finish(),
          );
      expect(batch.rejectedCount).toBe(kinds.filter((bad) => bad !== null).length);
      expect(spanRows(batch).map(({ name }) => name)).toEqual(list.filter((_, i) => kinds[i] === null).map(({ name }) => name));
    }),
    { ...OPTIONS, numRuns: 100 },
  );
});

const noNul = (text: string): string => text.replaceAll("\0", "\u2400");
const hexOf = (base64: string): string => Buffer.from(base64, "base64").toString("hex");
const hexOrNull = (base64: string): string | null => (/^0*$/.test(hexOf(base64)) ? null : hexOf(base64));

function spansOf(request: Message) {
  return request.resource_spans.flatMap((group: Message) =>
    group.scope_spans.flatMap((scopeGroup: Message) =>
      scopeGroup.spans.map((span: Message) => {
        const end = BigInt(span.end_time_unix_nano);
        return {
          traceId: hexOf(span.trace_id),
          spanId: hexOf(span.span_id),
          parentSpanId: hexOrNull(span.parent_span_id),
          phase: end === 0n ? "start" : "end",
          dialect: end === 0n ? "end-zero" : "otlp",
          kind: span.kind,
          statusCode: span.status?.code ?? 0,
          flags: span.flags,
          start: BigInt(span.start_time_unix_nano),
          end,
          heartbeatEveryMs: 0,
          name: noNul(span.name),
          statusMessage: noNul(span.status?.message ?? "") || null,
          traceState: noNul(span.trace_state) || null,
          attributes: attributesOf(span.attributes),
          events: span.events.map((event: Message) => ({
            timeUnixNano: BigInt(event.time_unix_nano),
            name: event.name,
            attributes: attributesOf(event.attributes),
            droppedAttributesCount: event.dropped_attributes_count,
          })),
          links: span.links.map((link: Message) => ({
            traceId: hexOf(link.trace_id),
            spanId: hexOf(link.span_id),
            traceState: link.trace_state,
            attributes: attributesOf(link.attributes),
            droppedAttributesCount: link.dropped_attributes_count,
            flags: link.flags,
          })),
          droppedCount: span.dropped_attributes_count + span.dropped_events_count + span.dropped_links_count,
          service: "unknown_service",
          scope: noNul(scopeGroup.scope?.name ?? ""),
        };
      }),
    ),
  );
}

function logsOf(request: Message) {
  return request.resource_logs.flatMap((group: Message) =>
    group.scope_logs.flatMap((scopeGroup: Message) =>
      scopeGroup.log_records.map((log: Message) => ({
        traceId: hexOrNull(log.trace_id),
        spanId: hexOrNull(log.span_id),
        time: BigInt(log.time_unix_nano) || BigInt(log.observed_time_unix_nano),
        severityNumber: log.severity_number,
        severityText: noNul(log.severity_text) || null,
        eventName: noNul(log.event_name) || null,
        flags: log.flags,
        template: null,
        attributes: attributesOf(log.attributes),
        service: "unknown_service",
        scope: noNul(scopeGroup.scope?.name ?? ""),
      })),
    ),
  );
}

const attributesOf = (list: Message[]): Attribute[] => list.map(({ key, value }) => ({ key, value: anyValueOf(value) }));

function anyValueOf(value: Message | null): AttributeValue {
  switch (value?.value) {
    case "string_value":
      return { type: "string", value: value.string_value };
    case "bool_value":
      return { type: "bool", value: value.bool_value };
    case "int_value":
      return { type: "int", value: value.int_value };
    case "double_value":
      return { type: "double", value: value.double_value };
    case "bytes_value":
      return { type: "bytes", value: Uint8Array.from(Buffer.from(value.bytes_value, "base64")) };
    case "array_value":
      return { type: "array", value: value.array_value.values.map(anyValueOf) };
    case "kvlist_value":
      return { type: "kvlist", value: attributesOf(value.kvlist_value.values) };
    default:
      return { type: "empty" };
  }
}

/** The message as OTLP/JSON, written by this test: camelCase, ids in hex, bytes in base64, doubles that JSON cannot say as text. */
function jsonOf(message: Message): Uint8Array {
  const convert = (value: unknown, name: string): unknown => {
    if (typeof value === "string" && name.endsWith("Id")) return hexOf(value);
    if (Array.isArray(value)) return value.map((item) => convert(item, name));
    if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) return Object.is(value, -0) ? "-0" : String(value);
    if (value === null || typeof value !== "object") return value;
    const oneof = (value as Message).value;
    const isAnyValue = typeof oneof === "string" && oneof in value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([field]) => !isAnyValue || field === oneof)
        .map(([field, content]) => [camelCase(field), convert(content, camelCase(field))]),
    );
  };
  return Buffer.from(JSON.stringify(convert(message, "")));
}

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

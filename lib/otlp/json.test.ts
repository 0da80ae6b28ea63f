import { describe, expect, test } from "vitest";
import { decodeLogsJson, decodeMetricsJson, decodeTracesJson } from "./json";
import { MalformedBody } from "./malformed-body";
import { logRows, spanRows } from "./testing/rows";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const SPAN_ID = "b7ad6b7169203331";
const SPAN = { traceId: TRACE_ID, spanId: SPAN_ID, name: "work", startTimeUnixNano: "1", endTimeUnixNano: "2" };

const bytes = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const request = (...spans: unknown[]) => bytes({ resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ scope: {}, spans }] }] });
const one = (fields: Record<string, unknown>) => {
  const batch = decodeTracesJson(request({ ...SPAN, ...fields }));
  expect(batch.rejections).toEqual([]);
  return spanRows(batch)[0]!;
};
const readValue = (value: unknown) => one({ attributes: [{ key: "k", value }] }).attributes[0]?.value;

describe("what senders of OTLP/JSON write", () => {
  test.each([
    ["hex", TRACE_ID, SPAN_ID],
    ["hex in capitals", TRACE_ID.toUpperCase(), SPAN_ID.toUpperCase()],
    ["base64", Buffer.from(TRACE_ID, "hex").toString("base64"), Buffer.from(SPAN_ID, "hex").toString("base64")],
    ["base64 without padding", Buffer.from(TRACE_ID, "hex").toString("base64url"), Buffer.from(SPAN_ID, "hex").toString("base64url")],
  ])("ids in %s", (_, traceId, spanId) => {
    expect(one({ traceId, spanId, parentSpanId: spanId })).toMatchObject({ traceId: TRACE_ID, spanId: SPAN_ID, parentSpanId: SPAN_ID });
  });

  test("64-bit numbers as text, to the last digit, or as numbers", () => {
    expect(one({ startTimeUnixNano: "1700000000123456789", endTimeUnixNano: 1700000000123456800 })).toMatchObject({
      start: 1700000000123456789n,
      end: 1700000000123456768n,
    });
    expect(readValue({ intValue: "-9223372036854775808" })).toEqual({ type: "int", value: "-9223372036854775808" });
    expect(readValue({ intValue: 42 })).toEqual({ type: "int", value: "42" });
  });

  test("enums as numbers, as names, as names without prefix", () => {
    expect(["SPAN_KIND_CONSUMER", 5, "5", "consumer", "Consumer"].map((kind) => one({ kind }).kind)).toEqual([5, 5, 5, 5, 5]);
    expect(["SPAN_KIND_NEW", 99, {}, "", -1].map((kind) => one({ kind }).kind)).toEqual([0, 0, 0, 0, 0]);
    expect([2, "STATUS_CODE_ERROR", "ERROR"].map((code) => one({ status: { code } }).statusCode)).toEqual([2, 2, 2]);
  });

  test("snake_case", () => {
    const span = {
      trace_id: TRACE_ID,
      span_id: SPAN_ID,
      parent_span_id: "1".repeat(16),
      start_time_unix_nano: "1",
      end_time_unix_nano: "2",
      attributes: [{ key: "k", value: { string_value: "v" } }],
    };
    const batch = decodeTracesJson(bytes({ resource_spans: [{ scope_spans: [{ spans: [span] }], schema_url: "s" }] }));
    expect(spanRows(batch)).toMatchObject([
      { start: 1n, end: 2n, parentSpanId: "1".repeat(16), attributes: [{ key: "k", value: { value: "v" } }] },
    ]);
    expect(batch.resources).toHaveLength(1);
  });

  test("values of every type, also those JSON has no number for", () => {
    expect(readValue({ doubleValue: "NaN" })).toEqual({ type: "double", value: Number.NaN });
    expect(readValue({ doubleValue: "-Infinity" })).toEqual({ type: "double", value: Number.NEGATIVE_INFINITY });
    expect(readValue({ doubleValue: "-0" })).toEqual({ type: "double", value: -0 });
    expect(readValue({ boolValue: false })).toEqual({ type: "bool", value: false });
    expect(readValue({ stringValue: "" })).toEqual({ type: "string", value: "" });
    expect(readValue({ bytesValue: "AP8=" })).toEqual({ type: "bytes", value: new Uint8Array([0, 255]) });
    expect(readValue({})).toEqual({ type: "empty" });
    expect(readValue(null)).toEqual({ type: "empty" });
    expect(readValue(undefined)).toEqual({ type: "empty" });
    expect(readValue({ arrayValue: { values: [{ kvlistValue: { values: [{ key: "__proto__", value: { intValue: 1 } }] } }] } })).toEqual({
      type: "array",
      value: [{ type: "kvlist", value: [{ key: "__proto__", value: { type: "int", value: "1" } }] }],
    });
    expect(readValue({ arrayValue: {} })).toEqual({ type: "array", value: [] });
  });

  test("values that are not of the type they claim are kept as what they are", () => {
    expect(readValue({ intValue: "18446744073709551616" })).toEqual({ type: "string", value: "18446744073709551616" });
    expect(readValue({ intValue: 1.5 })).toEqual({ type: "double", value: 1.5 });
    expect(readValue({ doubleValue: "many" })).toEqual({ type: "string", value: "many" });
    expect(readValue("bare")).toEqual({ type: "string", value: "bare" });
  });

  test("fields nobody knows, and keys that would harm an object", () => {
    const text = `{"__proto__":{"resourceSpans":[]},"constructor":1,"resourceSpans":[{"then":1,"scopeSpans":[{"spans":[{"traceId":"${TRACE_ID}","spanId":"${SPAN_ID}","toString":1,"attributes":[{"key":"__proto__","value":{"stringValue":"x"}},{"key":"constructor.prototype","value":{"__proto__":{"stringValue":"y"}}}]}]}]}]}`;
    const [row] = spanRows(decodeTracesJson(bytes(text)));
    expect(row?.attributes).toEqual([
      { key: "__proto__", value: { type: "string", value: "x" } },
      { key: "constructor.prototype", value: { type: "empty" } },
    ]);
  });

  test("half a surrogate pair is repaired and marked in columns, visible in attributes", () => {
    expect(one({ name: "a\ud800b😀" })).toMatchObject({ name: "a\ufffdb😀", marks: ["textRepaired"] });
    expect(readValue({ stringValue: "x\udc00" })).toEqual({ type: "string", value: "x\ufffd" });
  });

  test("an empty request, and lists that are null", () => {
    expect(decodeTracesJson(bytes("{}")).spans.count).toBe(0);
    expect(decodeTracesJson(bytes({ resourceSpans: null })).spans.count).toBe(0);
    expect(decodeTracesJson(bytes({ resourceSpans: [{ scopeSpans: [{ spans: null, scope: null }], resource: null }] })).spans.count).toBe(
      0,
    );
  });
});

describe("one bad span costs itself only", () => {
  test.each([
    ["an id that is no hex", { traceId: "not an id" }, { field: "traceId", value: "not an id", expected: "32 hex digits" }],
    ["an id that is a number", { spanId: 12 }, { field: "spanId", value: "12" }],
    ["a zero id", { traceId: "0".repeat(32) }, { field: "trace_id", value: "0".repeat(32) }],
    ["a negative time", { startTimeUnixNano: "-1" }, { field: "startTimeUnixNano", value: "-1" }],
    ["a time that is a date", { endTimeUnixNano: "2026-11-23T00:00:00Z" }, { field: "endTimeUnixNano" }],
    ["a name that is an object", { name: {} }, { field: "name", value: "an object", expected: "text" }],
    ["attributes that are a map", { attributes: { a: 1 } }, { field: "attributes", value: "an object", expected: "a list" }],
    ["an attribute without key", { attributes: [{ value: {} }] }, { field: "key", value: "undefined" }],
    ["flags beyond 32 bits", { flags: 2 ** 32 }, { field: "flags" }],
    ["an event that is text", { events: ["boom"] }, { field: "events", value: "boom" }],
  ])("%s", (_, fields, rejection) => {
    const batch = decodeTracesJson(request({ ...SPAN, name: "before" }, { ...SPAN, ...fields }, { ...SPAN, name: "after" }));
    expect(spanRows(batch).map(({ name }) => name)).toEqual(["before", "after"]);
    expect(batch.rejectedCount).toBe(1);
    expect(batch.rejections).toMatchObject([{ signal: "span", ...rejection }]);
  });

  test("null in the list of spans", () => {
    expect(decodeTracesJson(request(null, SPAN))).toMatchObject({ rejectedCount: 1, spans: { count: 1 } });
  });
});

describe("a body that is no such request is refused", () => {
  test.each([
    ["no JSON", "{", /^Not JSON: /],
    ["a list", "[]", /^Not an OTLP\/JSON body: the body: a list where an object is expected/],
    ["a list where it should be one", '{"resourceSpans":{}}', /resourceSpans: an object where a list is expected/],
    ["groups that are no objects", '{"resourceSpans":[1]}', /resourceSpans: 1 where an object is expected/],
    ["null", "null", /where an object is expected/],
  ])("%s", (_, text, message) => {
    expect(() => decodeTracesJson(bytes(text))).toThrow(MalformedBody);
    expect(() => decodeTracesJson(bytes(text))).toThrow(message);
  });

  test("values nested deeper than 64; and no depth at all overflows the stack", () => {
    const nested = (depth: number) => `${'{"arrayValue":{"values":['.repeat(depth)}${"]}}".repeat(depth)}`;
    const body = (depth: number) =>
      `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${TRACE_ID}","spanId":"${SPAN_ID}","attributes":[{"key":"k","value":${nested(depth)}}]}]}]}]}`;
    expect(decodeTracesJson(bytes(body(60))).spans.count).toBe(1);
    for (const depth of [80, 100_000]) expect(() => decodeTracesJson(bytes(body(depth)))).toThrow(/nested deeper than 64/);
    expect(() => decodeTracesJson(bytes(`${"[".repeat(1_000_000)}`))).toThrow(MalformedBody);
    expect(decodeTracesJson(bytes(`{"unknown":${"[".repeat(500_000)}${"]".repeat(500_000)}}`)).spans.count).toBe(0);
  });
});

test("log records come from JSON, severities by number or name", () => {
  const records = [
    {
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      timeUnixNano: "5",
      severityNumber: 17,
      severityText: "ERROR",
      body: { stringValue: "no" },
      eventName: "e",
    },
    {
      observedTimeUnixNano: 6,
      severityNumber: "SEVERITY_NUMBER_WARN2",
      body: { kvlistValue: { values: [{ key: "a", value: { intValue: "1" } }] } },
    },
    { timeUnixNano: "x" },
  ];
  const batch = decodeLogsJson(bytes({ resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] }));
  expect(logRows(batch)).toMatchObject([
    { traceId: TRACE_ID, spanId: SPAN_ID, time: 5n, severityNumber: 17, message: "no", eventName: "e" },
    { traceId: null, time: 6n, severityNumber: 14, message: '{"a":1}' },
  ]);
  expect([batch.rejectedCount, batch.rejections[0]?.signal]).toEqual([1, "log"]);
});

test("self-metrics come from JSON, other points are counted", () => {
  const metrics = [
    {
      name: "otel.sdk.span.live",
      sum: { dataPoints: [{ timeUnixNano: "9", asInt: "3", attributes: [{ key: "a", value: { stringValue: "b" } }] }] },
    },
    { name: "otel.sdk.log.created", gauge: { dataPoints: [{ asDouble: 1.5 }] } },
    { name: "latency", histogram: { dataPoints: [{}, { bucketCounts: ["1"] }] } },
  ];
  const digest = decodeMetricsJson(bytes({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));
  expect(digest.points).toMatchObject([
    { name: "otel.sdk.span.live", value: 3, timeUnixNano: 9n, attributes: [{ key: "a" }] },
    { name: "otel.sdk.log.created", value: 1.5 },
  ]);
  expect(digest.droppedPoints).toBe(2);
});

import { describe, expect, test } from "vitest";
import { FieldCursor } from "@/lib/otel/wire";
import { decodeLogsJson } from "../json";
import { decodeLogs } from "../protobuf";
import { anyValueOf, attributesOf, logsRequest, type SpanFields, tracesRequest } from "../testing/requests";
import { logRows, spanRows } from "../testing/rows";
import { fieldWith, join } from "../trim";

const JSON_SPAN = {
  traceId: "cd135743ff3369d8b30523cf2352b79f",
  spanId: "459bc47256541570",
  parentSpanId: "9edad9b65d9d60e2",
  name: "copy volume",
  kind: "SPAN_KIND_INTERNAL",
  startTimeUnixNano: "1795485319295361292",
  attributes: [{ key: "volume", value: { stringValue: "home" } }],
  status: {},
  flags: 256,
};
const RESOURCE = { attributes: [{ key: "service.name", value: { stringValue: "backup" } }] };
const tracesData = (span: Record<string, unknown> = {}, group: Record<string, unknown> = { resource: RESOURCE }) =>
  JSON.stringify({ resourceSpans: [{ ...group, scopeSpans: [{ scope: { name: "py" }, spans: [{ ...JSON_SPAN, ...span }] }] }] });

const heartbeat = (body: unknown, attributes: Record<string, unknown> = {}) => ({
  severity_number: 9,
  body: anyValueOf(body),
  attributes: attributesOf({ "partial.event": "heartbeat", "partial.frequency": "1000ms", "partial.body.type": "json/v1", ...attributes }),
});
const decode = (record: SpanFields, resource?: Record<string, unknown>) => decodeLogs(logsRequest([record], resource));

describe("a heartbeat log", () => {
  test("is a sign of life of the span in its body", () => {
    const batch = decode(heartbeat(tracesData()));
    expect(logRows(batch)).toEqual([]);
    expect(spanRows(batch)).toMatchObject([
      {
        traceId: JSON_SPAN.traceId,
        spanId: JSON_SPAN.spanId,
        parentSpanId: JSON_SPAN.parentSpanId,
        phase: "heartbeat",
        dialect: "partial-event",
        heartbeatEveryMs: 1000,
        name: "copy volume",
        kind: 1,
        flags: 256,
        start: 1795485319295361292n,
        end: 0n,
        service: "backup",
        scope: "py",
        marks: [],
      },
    ]);
  });

  test.each([
    ["JSON as bytes", Buffer.from(tracesData()), "json/v1"],
    ["protobuf as bytes", tracesRequest([{ ...plain() }], { "service.name": "backup" }), "proto"],
    ["protobuf as text in base64", Buffer.from(tracesRequest([{ ...plain() }], { "service.name": "backup" })).toString("base64"), "proto"],
    ["protobuf, which is what no type means", tracesRequest([{ ...plain() }], { "service.name": "backup" }), undefined],
  ])("carries %s", (_, body, type) => {
    const record = heartbeat(body, { "partial.body.type": type ?? "" });
    if (type === undefined) record.attributes = record.attributes.filter(({ key }) => key !== "partial.body.type");
    expect(spanRows(decode(record))).toMatchObject([
      { spanId: JSON_SPAN.spanId, phase: "heartbeat", service: "backup", start: 1795485319295361292n },
    ]);
  });

  function plain(): SpanFields {
    return {
      trace_id: JSON_SPAN.traceId,
      span_id: JSON_SPAN.spanId,
      start_time_unix_nano: JSON_SPAN.startTimeUnixNano,
      end_time_unix_nano: "0",
    };
  }

  test.each([
    ["5s", 5000],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    ["250us", 0],
    ["soon", 0],
    ["9999999999h", 0xffffffff],
  ])("every %s", (frequency, ms) => {
    expect(spanRows(decode(heartbeat(tracesData(), { "partial.frequency": frequency })))[0]?.heartbeatEveryMs).toBe(ms);
  });

  test("takes from the log around it what its body leaves out; what the body says wins (.NET sends no resource)", () => {
    const batch = decode(heartbeat(tracesData({}, {}), { volume: "from the log", host: "nas" }), {
      "service.name": "dotnet",
      "process.pid": 7,
    });
    const [row] = spanRows(batch);
    expect(row).toMatchObject({ service: "dotnet", scope: "py" });
    expect(row?.attributes.map(({ key, value }) => [key, value.type === "string" && value.value])).toEqual([
      ["volume", "home"],
      ["host", "nas"],
    ]);
    const both = decode(heartbeat(tracesData()), { "service.name": "of the log", "process.pid": 7 });
    expect(both.resources[both.spans.resource[0] as number]).toMatchObject({ service: "backup", pid: 7 });
  });

  test("takes the scope of the log where its body has none", () => {
    const body = JSON.stringify({ resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ spans: [JSON_SPAN] }] }] });
    expect(spanRows(decode(heartbeat(body)))).toMatchObject([{ scope: "lib" }]);
  });

  test("of which one span is none is an ordinary log record, whole", () => {
    const spans = [JSON_SPAN, { ...JSON_SPAN, traceId: "0".repeat(32) }];
    const batch = decode(heartbeat(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })));
    expect([batch.spans.count, batch.logs.count, batch.rejectedCount]).toEqual([0, 1, 0]);
  });

  test("finds the resource also when it stands behind the logs", () => {
    const forwards = logsRequest([heartbeat(tracesData({}, {}))], { "service.name": "late" });
    const group = new FieldCursor(forwards);
    group.next();
    const fields = new FieldCursor(forwards, group.valueAt, group.valueEnd);
    const parts: Uint8Array[] = [];
    while (fields.next()) parts.unshift(forwards.subarray(fields.fieldAt, fields.at));
    const body = fieldWith(1, join(parts));
    expect(spanRows(decodeLogs(body))).toMatchObject([{ service: "late" }]);
  });

  test("whose body is no span stays an ordinary log record", () => {
    for (const body of [
      "{}",
      "{",
      "not base64!",
      tracesData({ spanId: "0".repeat(16) }),
      tracesData({ traceId: "zz" }),
      "",
      '{"resourceSpans":5}',
    ]) {
      const batch = decode(heartbeat(body));
      expect([batch.spans.count, batch.rejectedCount, logRows(batch).map(({ message }) => message)]).toEqual([0, 0, [body]]);
    }
    const withoutBody = decodeLogs(logsRequest([{ attributes: attributesOf({ "partial.event": "heartbeat" }) }]));
    expect([withoutBody.spans.count, withoutBody.logs.count]).toEqual([0, 1]);
  });

  test("with events of other kinds stays an ordinary log record", () => {
    expect(logRows(decode(heartbeat(tracesData(), { "partial.event": "party" })))).toHaveLength(1);
  });

  test("does not keep its neighbours from being log records", () => {
    const batch = decodeLogs(logsRequest([{ body: { string_value: "a" } }, heartbeat(tracesData()), { body: { string_value: "b" } }]));
    expect(logRows(batch).map(({ message }) => message)).toEqual(["a", "b"]);
    expect(spanRows(batch)).toHaveLength(1);
  });

  test("reaches us through OTLP/JSON as well", () => {
    const record = {
      body: { stringValue: tracesData() },
      attributes: [{ key: "partial.event", value: { stringValue: "heartbeat" } }],
    };
    const batch = decodeLogsJson(Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })));
    expect(spanRows(batch)).toMatchObject([{ phase: "heartbeat", service: "backup" }]);
  });
});

describe("a stop", () => {
  test("ends the span when its body says when", () => {
    const batch = decode(heartbeat(tracesData({ endTimeUnixNano: "1795485321895627703" }), { "partial.event": "stop" }));
    expect(spanRows(batch)).toMatchObject([{ phase: "end", dialect: "partial-event", end: 1795485321895627703n, heartbeatEveryMs: 0 }]);
  });

  test("is no evidence of anything when it does not: it may come after the end and must not reopen the span", () => {
    const batch = decode(heartbeat(tracesData(), { "partial.event": "stop" }));
    expect([batch.spans.count, batch.logs.count]).toEqual([0, 1]);
  });
});

test("bodies nested deeper than anybody's are no spans, and no stack overflows", () => {
  const deep = `${'{"resourceSpans":'.repeat(200_000)}1${"}".repeat(200_000)}`;
  const batch = decode(heartbeat(deep));
  expect([batch.spans.count, batch.logs.count]).toEqual([0, 1]);
});

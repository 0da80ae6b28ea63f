import { describe, expect, test } from "vitest";
import { MalformedBody } from "./malformed-body";
import { spanRows } from "./testing/rows";
import { decodeZipkin } from "./zipkin";

const SPAN = {
  traceId: "463ac35c9f6413ad48485a3953bb6124",
  id: "463ac35c9f6413ad",
  name: "get /",
  timestamp: 1700000000000001,
  duration: 1500,
};
const decode = (...spans: unknown[]) => decodeZipkin(Buffer.from(JSON.stringify(spans)));
const one = (fields: Record<string, unknown>) => spanRows(decode({ ...SPAN, ...fields }))[0]!;
const attributesOf = (fields: Record<string, unknown>) => Object.fromEntries(one(fields).attributes.map(({ key, value }) => [key, value]));

describe("a Zipkin span", () => {
  test("is a span, its µs in ns, its service a resource", () => {
    const batch = decode({
      ...SPAN,
      parentId: "6b221d5bc9e6496c",
      kind: "SERVER",
      localEndpoint: { serviceName: "frontend", ipv4: "10.0.0.1", port: 80 },
      remoteEndpoint: { serviceName: "db", port: 3306 },
      tags: { "http.method": "GET", __proto__: "own", "constructor.prototype": "x" },
      annotations: [
        { timestamp: 1700000000000002, value: "ws" },
        { timestamp: 1700000000000003, value: "wr" },
      ],
      shared: true,
    });
    expect(spanRows(batch)).toMatchObject([
      {
        traceId: SPAN.traceId,
        spanId: SPAN.id,
        parentSpanId: "6b221d5bc9e6496c",
        phase: "end",
        dialect: "zipkin",
        kind: 2,
        name: "get /",
        start: 1700000000000001000n,
        end: 1700000000001501000n,
        service: "frontend",
        events: [
          { name: "ws", timeUnixNano: 1700000000000002000n },
          { name: "wr", timeUnixNano: 1700000000000003000n },
        ],
        marks: [],
      },
    ]);
  });

  test("keeps its tags as text and says what it shares and with whom it speaks", () => {
    expect(
      attributesOf({
        tags: { a: "1" },
        shared: true,
        localEndpoint: { ipv6: "::1" },
        remoteEndpoint: { serviceName: "db", ipv4: "10.0.0.2", port: 3306 },
      }),
    ).toEqual({
      a: { type: "string", value: "1" },
      "zipkin.shared": { type: "bool", value: true },
      "network.local.address": { type: "string", value: "::1" },
      "peer.service": { type: "string", value: "db" },
      "network.peer.address": { type: "string", value: "10.0.0.2" },
      "network.peer.port": { type: "int", value: "3306" },
    });
    const hostile = decodeZipkin(Buffer.from(`[{"traceId":"1","id":"2","tags":{"__proto__":"own","constructor":"c","toString":"t"}}]`));
    expect(spanRows(hostile)[0]?.attributes.map(({ key }) => key)).toEqual(["__proto__", "constructor", "toString"]);
  });

  test("with a 64-bit trace id gets zeros on its left", () => {
    expect(one({ traceId: "48485a3953bb6124" }).traceId).toBe("000000000000000048485a3953bb6124");
    expect(one({ traceId: "ABC", id: "d" })).toMatchObject({ traceId: "abc".padStart(32, "0"), spanId: "d".padStart(16, "0") });
  });

  test("without a duration is open, without a timestamp too", () => {
    expect(one({ duration: undefined })).toMatchObject({ phase: "start", dialect: "zipkin", end: 0n, start: 1700000000000001000n });
    expect(one({ duration: 0, timestamp: undefined })).toMatchObject({ phase: "start", start: 0n, marks: ["startTimeZero"] });
  });

  test.each([
    ["CLIENT", 3],
    ["PRODUCER", 4],
    ["CONSUMER", 5],
    [undefined, 1],
  ])("of kind %s", (kind, number) => {
    expect(one({ kind }).kind).toBe(number);
  });

  test("that failed says so by its tag", () => {
    expect(one({ tags: { error: "timeout" } })).toMatchObject({ statusCode: 2, statusMessage: "timeout" });
    expect(one({ tags: { error: "true" } })).toMatchObject({ statusCode: 2, statusMessage: null });
    expect(one({ tags: { "otel.status_code": "OK" } })).toMatchObject({ statusCode: 1, statusMessage: null });
    expect(one({ tags: {} })).toMatchObject({ statusCode: 0 });
  });

  test.each(["brave.flush", "zipkin-js.flush", "flush.timeout"])("closed by a janitor says so by the annotation %s", (value) => {
    expect(one({ annotations: [{ timestamp: 1, value }] }).marks).toEqual(["closedByJanitor"]);
  });

  test("closed by zipkin4net's timeout says so by the tag flush.timeout", () => {
    expect(one({ tags: { "flush.timeout": "60s" } }).marks).toEqual(["closedByJanitor"]);
  });

  test("with a parent id that is none is a root, and says so", () => {
    expect(one({ parentId: "0000000000000000" })).toMatchObject({ parentSpanId: null, marks: [] });
    expect(one({ parentId: "what" })).toMatchObject({ parentSpanId: null, marks: ["referenceInvalid"] });
  });
});

describe("one bad span costs itself only", () => {
  test.each([
    ["no trace id", { traceId: undefined }, { field: "traceId", value: "(missing)" }],
    ["a trace id that is no hex", { traceId: "xyz" }, { field: "traceId", value: "xyz" }],
    ["a zero trace id", { traceId: "0" }, { field: "trace_id" }],
    ["a long id", { id: "1".repeat(17) }, { field: "id" }],
    ["a time with a fraction", { timestamp: 1.5 }, { field: "timestamp", value: "1.5" }],
    ["a duration below zero", { duration: -4 }, { field: "duration", value: "-4" }],
    ["an end beyond 64 bits", { timestamp: "18446744073709550", duration: 99999 }, { field: "duration" }],
  ])("%s", (_, fields, rejection) => {
    const batch = decode({ ...SPAN, name: "before" }, { ...SPAN, ...fields }, { ...SPAN, name: "after" });
    expect(spanRows(batch).map(({ name }) => name)).toEqual(["before", "after"]);
    expect([batch.rejectedCount, batch.rejections]).toMatchObject([1, [{ signal: "span", ...rejection }]]);
  });

  test("what is no object", () => {
    expect(decode(1, null, SPAN)).toMatchObject({ rejectedCount: 2, spans: { count: 1 } });
  });
});

test("a body that is no list is refused", () => {
  expect(() => decodeZipkin(Buffer.from("{}"))).toThrow(MalformedBody);
  expect(() => decodeZipkin(Buffer.from("["))).toThrow(MalformedBody);
  expect(decode().spans.count).toBe(0);
});

test("thousands of spans of many services stay in order within each", () => {
  const spans = Array.from({ length: 3000 }, (_, i) => ({
    ...SPAN,
    id: (i + 1).toString(16),
    name: `n${i}`,
    localEndpoint: { serviceName: `s${i % 7}` },
  }));
  const rows = spanRows(decode(...spans));
  expect(rows).toHaveLength(3000);
  expect(
    rows
      .filter(({ service }) => service === "s3")
      .map(({ name }) => name)
      .slice(0, 3),
  ).toEqual(["n3", "n10", "n17"]);
});

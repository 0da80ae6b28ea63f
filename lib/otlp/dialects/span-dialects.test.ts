import { describe, expect, test } from "vitest";
import { decodeTraces } from "../protobuf";
import { attributesOf, tracesRequest } from "../testing/requests";
import { spanRows } from "../testing/rows";

const one = (attributes: Record<string, unknown>, fields: Record<string, unknown> = {}) =>
  spanRows(decodeTraces(tracesRequest([{ attributes: attributesOf(attributes), ...fields }])))[0];

describe("Datadog's long-running span", () => {
  test("is a sign of life, not an end, as long as it has a partial version", () => {
    expect(one({ "_dd.partial_version": 3 })).toMatchObject({
      phase: "heartbeat",
      dialect: "datadog-partial",
      end: 0n,
      heartbeatEveryMs: 0,
    });
    expect(one({ "_dd.partial_version": 1.0001 })?.phase).toBe("heartbeat");
    expect(one({ "_dd.partial_version": "2" })?.phase).toBe("heartbeat");
  });

  test.each(["_dd.was_long_running", "_dd.was_longrunning"])("has ended when it carries %s", (key) => {
    expect(one({ [key]: 1 })).toMatchObject({ phase: "end", dialect: "datadog-partial", end: 1700000001000000000n });
    expect(one({ [key]: 1, "_dd.partial_version": 3 })?.phase).toBe("end");
  });

  test("is an ordinary span when the version is none", () => {
    expect(one({ "_dd.partial_version": 0 })).toMatchObject({ phase: "end", dialect: "otlp" });
    expect(one({ "_dd.partial_version": "later" })).toMatchObject({ phase: "end", dialect: "otlp" });
  });
});

describe("a span without end", () => {
  test("has only begun", () => {
    expect(one({}, { end_time_unix_nano: "0" })).toMatchObject({ phase: "start", dialect: "end-zero", end: 0n, marks: [] });
  });

  test("is not taken for one that ended before it began, nor the other way round", () => {
    expect(one({}, { end_time_unix_nano: "4294967296" })).toMatchObject({ phase: "end", marks: ["endBeforeStart"] });
    expect(one({ "partial.gc": true }, { start_time_unix_nano: "1", end_time_unix_nano: "4294967296" })).toMatchObject({
      phase: "end",
      end: 4294967296n,
    });
  });
});

describe("a span closed by a janitor", () => {
  test.each(["finished_by_sweeper", "partial.gc", "connector.gc", "flush.timeout"])("says so by %s", (key) => {
    expect(one({ [key]: true })).toMatchObject({ phase: "end", marks: ["closedByJanitor"] });
    expect(one({ [key]: "true" })?.marks).toEqual(["closedByJanitor"]);
    expect(one({ [key]: false })?.marks).toEqual([]);
  });

  test.each(["brave.flush", "zipkin-js.flush"])("says so by the event %s", (name) => {
    expect(one({}, { events: [{ name: "other" }, { name }] })?.marks).toEqual(["closedByJanitor"]);
    expect(one({}, { events: [{ name: `${name}ed` }] })?.marks).toEqual([]);
  });
});

test("of a key sent twice the first counts, wherever it stands among others", () => {
  const twice = [...attributesOf({ a: 1, "_dd.partial_version": 2 }), ...attributesOf({ "_dd.partial_version": 0 })];
  expect(spanRows(decodeTraces(tracesRequest([{ attributes: twice }])))[0]?.phase).toBe("heartbeat");
});

test("keys that only begin or end like those of a dialect are left alone", () => {
  const keys = ["logfire.span_typo", "logfire.span_type.x", "_dd.partial_versiom", "partial.gcc", "xlogfire.span_type"];
  expect(one(Object.fromEntries(keys.map((key) => [key, "log"])))).toMatchObject({ phase: "end", dialect: "otlp", marks: [] });
});

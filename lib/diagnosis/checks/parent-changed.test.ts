import { describe, expect, test } from "vitest";
import type { SpanRecord } from "@/lib/otel/span";
import { decodeTracesJson } from "@/lib/otlp/json";
import { buildSpanTree } from "@/lib/span-tree/build-span-tree";
import { resolveSpans } from "@/lib/span-tree/resolve-spans";
import { recordsOf } from "@/lib/testing/captures/batch-records";
import { drawRecords } from "@/lib/testing/draw-trace";
import { drawEvidence } from "@/lib/testing/evidence";
import { ownIdOf, spanIdOf, spanRecord, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { parentChanged } from "./parent-changed";

const SETTINGS = { settleMs: 3_000 };
const DRAWING = `
  accept     |-----------------|
    handle     |....
  caller     |-----------------|
    handle#2   |----|             id=handle  no-start
`;
/** A drawing's evidence, with the records as `change` has them. */
const evidenceOf = (drawing: string, change: (record: SpanRecord) => SpanRecord = (record) => record, nowMs = 60_000) => {
  const spans = resolveSpans(drawRecords(drawing).map(change));
  return { ...drawEvidence(drawing, { nowMs, settings: SETTINGS }), spans, tree: buildSpanTree(spans) };
};
const find = (...args: Parameters<typeof evidenceOf>) => parentChanged.find(evidenceOf(...args));

test("a span that was begun below one parent and ended below another: both are told", () => {
  expect(find(DRAWING).findings).toMatchObject([
    {
      severity: "warning",
      certainty: "proved",
      spanIds: [spanIdOf("handle")],
      causes: [{ id: "reparented" }, {}],
      title: { id: "parent-changed.moved-title", args: { span: "handle", before: "accept", after: "caller" } },
      evidence: [{ sentence: { args: { parent: spanIdOf("accept") } } }, { sentence: { args: { parent: spanIdOf("caller") } } }],
    },
  ]);
});

test("a root that got its parent late, and a span that became a root, are told as that", () => {
  const late = "caller   |--------|  @web\nhandle    |....  @api\n(none)\nhandle#2  |----|  id=handle no-start @api <- caller";
  expect(find(late).findings).toMatchObject([{ title: { id: "parent-changed.gained-title" } }]);
  expect(find("caller   |--------|\n  handle    |....\nhandle#2    |----|  id=handle no-start").findings).toMatchObject([
    { title: { id: "parent-changed.lost-title" } },
  ]);
});

test("what re-parents one span re-parents all of its like: one finding", () => {
  const twice = `
    accept       |-----------------|
      handle-1     |....
      handle-2     |....
    caller       |-----------------|
      handle-1#2   |----|             id=handle-1  no-start
      handle-2#2   |----|             id=handle-2  no-start
  `;
  expect(find(twice).findings).toMatchObject([{ count: 2, title: { args: { others: 1 } } }]);
});

test("it waits until the trace is settled: a second span of that id may still come", () => {
  expect(find(DRAWING, undefined, 1_000)).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
});

describe("what is not a change", () => {
  test("a Logfire pending span: its parent field is the real span, the real parent stands in an attribute", () => {
    const [trace, parent, real, own] = ["1".repeat(32), "a".repeat(16), "b".repeat(16), "c".repeat(16)];
    const at = String(BigInt(TEST_EPOCH_MS) * 1_000_000n);
    const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    const pending = [text("logfire.span_type", "pending_span"), text("logfire.pending_parent_id", parent)];
    const spans = [
      { traceId: trace, spanId: own, parentSpanId: real, name: "work", startTimeUnixNano: at, endTimeUnixNano: at, attributes: pending },
      {
        traceId: trace,
        spanId: real,
        parentSpanId: parent,
        name: "work",
        startTimeUnixNano: at,
        endTimeUnixNano: `${at.slice(0, -7)}9000000`,
      },
    ];
    const body = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
    const arrival = { receivedMs: TEST_EPOCH_MS, requestId: "1", connectionId: "1", processIds: [ownIdOf("main")] };
    const records = recordsOf(decodeTracesJson(body), arrival).spans;
    const [phases, ids] = [records.map(({ phase }) => phase), records.map(({ spanId }) => spanId)];
    expect([phases, ids]).toEqual([
      ["start", "end"],
      [real, real],
    ]);
    const resolved = resolveSpans(records);
    const evidence = { ...drawEvidence("work |--|", { nowMs: 60_000 }), spans: resolved, tree: buildSpanTree(resolved) };
    expect(parentChanged.find(evidence).findings).toEqual([]);
  });

  test("the copy that another process sent, and another start: forks and cloned ids", () => {
    expect(find(DRAWING, (record) => (record.phase === "end" ? { ...record, processId: ownIdOf("child") } : record)).findings).toEqual([]);
    expect(find(DRAWING.replace("    handle#2   |", "    handle#2     |")).findings).toEqual([]);
  });

  test("a parent id that could not be read, and a later part of a Zipkin span that leaves it out", () => {
    const lost = "caller   |--------|\n  handle    |....\nhandle#2    |----|  id=handle no-start";
    expect(find(lost, (record) => ({ ...record, marks: 1024 })).findings).toEqual([]);
    expect(find(lost, (record) => ({ ...record, dialect: "zipkin" })).findings).toEqual([]);
  });

  test("a start that says the same as the end", () => {
    expect(find("accept   |--------|\n  handle    |----|").findings).toEqual([]);
    expect(spanRecord().parentSpanId).toBeNull();
  });
});

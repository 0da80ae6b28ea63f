import { expect, test } from "vitest";
import { MARKS, type SpanRecord } from "@/lib/otel/span";
import { buildSpanTree } from "@/lib/span-tree/build-span-tree";
import { resolveSpans } from "@/lib/span-tree/resolve-spans";
import { drawRecords } from "@/lib/testing/draw-trace";
import { drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { divergentEnds } from "./divergent-ends";
import { falseClose } from "./false-close";

const TWICE = `
  charge   |-----------|            @pay
  charge   |-----------------|      @pay  no-start
`;
const node = { userAgent: "OTel-OTLP-Exporter-JavaScript/0.223.1", sdkLanguage: "nodejs", logfireVersion: null };
const evidenceOf = (drawing: string, nowMs = 60_000) =>
  drawEvidence(drawing, { nowMs, processes: [processEvidence("pay", { lastReceivedMs: 20, ...node })] });
const find = (drawing: string, nowMs = 60_000) => divergentEnds.find(evidenceOf(drawing, nowMs)).findings;
/** The same with the drawn records changed on their way, as `change` says (undefined: as it is). */
function findChanged(drawing: string, change: (record: SpanRecord, order: number) => Partial<SpanRecord> | undefined) {
  const spans = resolveSpans(drawRecords(drawing).map((record, order) => ({ ...record, ...change(record, order) })));
  return divergentEnds.find({ ...evidenceOf(drawing), spans, tree: buildSpanTree(spans) }).findings;
}

test("a span that its program ended twice, at different times, is named with both ends; the later one is shown", () => {
  expect(find(TWICE)).toMatchObject([
    {
      spanIds: [spanIdOf("charge")],
      severity: "warning",
      certainty: "proved",
      count: 1,
      title: { id: "divergent-ends.title", args: { count: 2, duration: 6 } },
      causes: [{ id: "corrupt-data" }],
      evidence: [{ ref: { type: "request" } }, { ref: { type: "request" } }],
      advice: [{ id: "A28" }],
    },
  ]);
});

test("one end that failed and one that did not is a difference too", () => {
  expect(find("charge |-----| @pay\ncharge |-----| @pay error no-start")).toMatchObject([
    { title: { id: "divergent-ends.status-title", args: { statuses: "error, unset" } } },
  ]);
});

test("a hundred spans that end twice are one finding", () => {
  const lines = Array.from({ length: 100 }, (_, i) => `charge ${i} |---| @pay\ncharge ${i} |-----| @pay no-start`).join("\n");
  const findings = find(lines);
  expect(findings).toMatchObject([{ count: 100, title: { id: "divergent-ends.many-title" } }]);
  expect(findings[0]?.spanIds).toHaveLength(100);
});

test("the same end again, by a retry or by a second pipeline that counts in µs, is silent", () => {
  expect(find("charge |-----| @pay\ncharge |-----| @pay late=900 no-start")).toEqual([]);
  expect(
    findChanged(TWICE, ({ endTimeUnixNano }, order) =>
      order > 0 && endTimeUnixNano ? { endTimeUnixNano: endTimeUnixNano - 400n } : undefined,
    ),
  ).toHaveLength(1);
  const again = "charge |-----| @pay\ncharge |-----| @pay late=900 no-start";
  expect(
    findChanged(again, ({ endTimeUnixNano }, order) => (order === 2 ? { endTimeUnixNano: (endTimeUnixNano ?? 0n) + 900n } : undefined)),
  ).toEqual([]);
});

test("an end that a forked child sent of its parent's span is a false close, and not told twice", () => {
  const forked = `
    render    |-----------------------|      @main
    render    |--------|                     @main    request=tile connection=tile
      tile       |-----|                     @tile-0  request=tile connection=tile
  `;
  const evidence = drawEvidence(forked, { nowMs: 60_000 });
  expect(falseClose.find(evidence).findings).toHaveLength(1);
  expect(divergentEnds.find(evidence).findings).toEqual([]);
});

test("where even the identity is the parent's, an end that came another way is likely a forked copy's", () => {
  const stale = `
    render    |-----------------------|      @main
    render    |--------|                     @main  no-start connection=second
  `;
  expect(divergentEnds.find(drawEvidence(stale, { nowMs: 60_000 })).findings).toMatchObject([
    { causes: [{ id: "forked-copy", certainty: "likely" }, { id: "corrupt-data" }], advice: [{ id: "A5" }] },
  ]);
});

test("several spans under one id, and Zipkin's two sides of one call, are other things", () => {
  expect(find("train A |---| @pay id=x\ntrain B        |-----| @pay id=x")).toEqual([]);
  expect(find("get /   |-------| @pay client id=x\nget /#2 |-----|   @pay server id=x")).toEqual([]);
  expect(findChanged(TWICE, (_, order) => (order === 2 ? { kind: "server", service: "other" } : undefined))).toEqual([]);
});

test("signs of life that look like ends, and a sweeper's end beside the program's, are no second end", () => {
  expect(findChanged(TWICE, (_, order) => (order === 1 ? { dialect: "datadog-partial" } : undefined))).toEqual([]);
  expect(findChanged(TWICE, (_, order) => (order === 1 ? { dialect: "partial-event" } : undefined))).toEqual([]);
  expect(findChanged(TWICE, (_, order) => (order === 1 ? { marks: MARKS.closedByJanitor } : undefined))).toEqual([]);
  expect(findChanged(TWICE, (_, order) => (order === 1 ? { phase: "heartbeat", endTimeUnixNano: null } : undefined))).toEqual([]);
});

test("nothing is said before the trace is settled: what explains an end may come after it", () => {
  expect(divergentEnds.find(evidenceOf(TWICE, 1_000))).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
});

test("ends of two processes, or of two starts, may be more than one span: then it is only likely", () => {
  expect(
    findChanged(TWICE, ({ startTimeUnixNano }, order) => (order === 2 ? { startTimeUnixNano: startTimeUnixNano + 2_000_000n } : undefined)),
  ).toMatchObject([{ certainty: "likely" }]);
});

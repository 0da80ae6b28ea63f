import { expect, test } from "vitest";
import { MARKS, type SpanRecord } from "@/lib/otel/span";
import { buildSpanTree } from "@/lib/span-tree/build-span-tree";
import { resolveSpans } from "@/lib/span-tree/resolve-spans";
import { drawRecords } from "@/lib/testing/draw-trace";
import { drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import type { TraceEvidence } from "../check";
import { closingOf } from "../closing";
import { diagnose } from "../diagnose";
import { closedBySweeper } from "./closed-by-sweeper";

/** The drawing, with a sweeper's mark on the records that `isMarked` chooses. */
function sweptEvidence(drawing: string, isMarked: (record: SpanRecord) => boolean, nowMs = 60_000): TraceEvidence {
  const marked = drawRecords(drawing).map((record) => (isMarked(record) ? { ...record, marks: MARKS.closedByJanitor } : record));
  const spans = resolveSpans(marked);
  const processes = [processEvidence("main", { lastReceivedMs: 30 })];
  return { ...drawEvidence(drawing, { nowMs, processes }), spans, tree: buildSpanTree(spans) };
}
const find = (...args: Parameters<typeof sweptEvidence>) => closedBySweeper.find(sweptEvidence(...args));
const isEnd = ({ phase }: SpanRecord) => phase === "end";
const kindsOf = (evidence: TraceEvidence) => diagnose(evidence).findings.map(({ kind }) => kind);

test("a span that the SDK's sweeper ended is told as that, and not as one that ended well", () => {
  expect(find("import |--------------------|", isEnd).findings).toMatchObject([
    {
      spanIds: [spanIdOf("import")],
      severity: "warning",
      certainty: "proved",
      title: { id: "closed-by-sweeper.title" },
      causes: [{ id: "janitor" }, { id: "never-ended" }],
      evidence: [{ sentence: { id: "evidence.swept" } }, { ref: { type: "process" } }],
    },
  ]);
});

test("one that was given up unfinished will never end: that is said once, not as ongoing and abandoned besides", () => {
  const evidence = sweptEvidence("import |.......", () => true);
  expect(closedBySweeper.find(evidence).findings).toMatchObject([{ title: { id: "closed-by-sweeper.unfinished-title" } }]);
  expect(kindsOf(evidence)).toEqual(["closed-by-sweeper"]);
});

test("a hundred swept spans of one name are one finding", () => {
  const drawing = Array.from({ length: 100 }, (_, i) => `read page ${i} |----|`).join("\n");
  expect(find(drawing, isEnd).findings).toMatchObject([{ count: 100 }]);
});

test("where the program ended it as well, before or after the sweeper, the program is believed and nothing is said", () => {
  const both = "import |------------|\nimport |------------------| no-start";
  const [first, second] = drawRecords(both)
    .filter(isEnd)
    .map(({ endTimeUnixNano }) => endTimeUnixNano);
  for (const swept of [first, second]) expect(find(both, (record) => record.endTimeUnixNano === swept).findings).toEqual([]);
});

test("spans that ended by themselves, a false mark on a start included, are silent", () => {
  expect(find("import |------------|", () => false).findings).toEqual([]);
  expect(find("import |------------|", ({ phase }) => phase === "start").findings).toEqual([]);
});

test("nothing is said until the program's own end would have come", () => {
  expect(find("import |------------|", isEnd, 1_000)).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
});

test("the program's end arrives after all: it was true and is over, which is no mistake of ours", () => {
  const both = "import |------------|\nimport |------------------| no-start late=90000";
  const [swept] = drawRecords(both).filter(isEnd);
  const evidence = sweptEvidence(both, (record) => record.endTimeUnixNano === swept?.endTimeUnixNano, 200_000);
  const standing = { kind: "closed-by-sweeper" as const, spanIds: [spanIdOf("import")], missingSpanId: null, processId: null };
  expect(closingOf(standing, evidence, diagnose(evidence).findings)).toMatchObject({
    state: "resolved",
    because: { id: "closed.end-arrived" },
  });
});

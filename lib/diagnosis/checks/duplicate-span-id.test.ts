import { expect, test } from "vitest";
import { buildSpanTree } from "@/lib/span-tree/build-span-tree";
import { drawEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { duplicateSpanId } from "./duplicate-span-id";

const find = (drawing: string) => duplicateSpanId.find(drawEvidence(drawing, { nowMs: 60_000, starts: false })).findings;

test("one id for spans of several processes: their generators began alike", () => {
  const findings = find(`
    oslo       |--------|                     @w1
      day 0     |--|                          @w1
      oslo-0      |--|                        @w1
    lima                   |----------|       @w2  id=oslo
      lima-0                 |---|            @w2  id=oslo-0  <- oslo
  `);
  expect(findings).toMatchObject([{ certainty: "proved", count: 2, causes: [{ id: "cloned-id-generator" }, { id: "corrupt-data" }] }]);
  expect(new Set(findings[0]?.spanIds)).toEqual(new Set([spanIdOf("oslo"), spanIdOf("oslo-0")]));
});

test("the two sides of a call in Zipkin share their id by design", () => {
  expect(
    find(`
      get    |---------|      @front   client
      get#2    |----|         @back    server  id=get
    `),
  ).toEqual([]);
});

test("a report that came twice is one span, and so are a start and its end", () => {
  expect(find("job   |-----|   @w1\njob   |-----|   @w1  late=500")).toEqual([]);
});

test("a forked child's copy of its parent's span is the same span", () => {
  expect(
    find(`
      render   |-----------|    @main
      render   |-----|          @main  connection=child request=child
    `),
  ).toEqual([]);
});

test("it is about the same spans whatever came first", () => {
  const evidence = drawEvidence(
    `
      oslo     |--|                @w1
      lima         |---|           @w1
      oslo-2           |-|         @w2  id=oslo
      lima-2              |-|      @w2  id=lima
    `,
    { nowMs: 60_000, starts: false },
  );
  const spans = evidence.spans.toReversed();
  const [one] = duplicateSpanId.find(evidence).findings;
  const [other] = duplicateSpanId.find({ ...evidence, spans, tree: buildSpanTree(spans) }).findings;
  expect(one).toMatchObject({ spanIds: [spanIdOf("oslo"), spanIdOf("lima")], spanName: "oslo" });
  expect(other).toMatchObject({ spanIds: one?.spanIds, spanName: "oslo" });
});

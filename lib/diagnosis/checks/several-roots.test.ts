import { expect, test } from "vitest";
import { drawEvidence } from "@/lib/testing/evidence";
import { severalRoots } from "./several-roots";

const find = (drawing: string, nowMs = 60_000) => severalRoots.find(drawEvidence(drawing, { nowMs, starts: false }));

test("unrelated work under one trace id is several roots", () => {
  const { findings } = find(`
    place order    |-----|
    ship order               |---|
  `);
  expect(findings).toMatchObject([{ severity: "warning", certainty: "proved", count: 2, causes: [{ id: "reused-trace-id" }] }]);
});

test("the same piece from several processes points to a cloned generator", () => {
  const { findings } = find(`
    simulate 1    |-----|    @w1
    simulate 2    |-----|    @w2
  `);
  expect(findings[0]?.causes[0]).toMatchObject({ id: "cloned-id-generator" });
});

test("a root's end may still name a parent, so it waits until the trace is settled", () => {
  expect(find("a   |---|\nb      |---|", 1_000)).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
});

test("a trace with one root, with orphans beside it, has no several roots", () => {
  expect(find("a   |---|\n(b)\n  c   |--|").findings).toEqual([]);
});

test("cloned ids bring their roots with them: that is said as duplicate-span-id, not again here", () => {
  expect(find("a   |---|   @w1\nb           |---|   @w2   id=a").findings).toEqual([]);
});

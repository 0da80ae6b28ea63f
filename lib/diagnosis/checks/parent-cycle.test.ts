import { expect, test } from "vitest";
import { drawEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { parentCycle } from "./parent-cycle";

const find = (drawing: string, nowMs = 60_000) => parentCycle.find(drawEvidence(drawing, { nowMs, starts: false }));

test("parents that lead back to where they began are a cycle, cut above the earliest", () => {
  const { findings } = find(`
    a   |-----|       <- b
    b      |-----|    <- a
  `);
  expect(findings).toMatchObject([{ certainty: "proved", causes: [{ id: "corrupt-data" }], title: { args: { count: 2 } } }]);
  expect(findings[0]?.spanIds[0]).toBe(spanIdOf("a"));
});

test("a span that names itself is the shortest cycle", () => {
  expect(find("a   |-----|   <- a").findings).toMatchObject([{ title: { id: "parent-cycle.self-title" }, spanIds: [spanIdOf("a")] }]);
});

test("a child that was given its parent's id names itself: their generator is to blame", () => {
  const { findings } = find(`
    report    |---------|
    query       |----|     <- report  id=report
  `);
  expect(findings).toMatchObject([{ causes: [{ id: "cloned-id-generator" }, { id: "corrupt-data" }] }]);
});

test("a later report may name another parent, so it waits; an ordinary tree never cries", () => {
  expect(find("a   |-----|   <- a", 1_000)).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
  expect(find("a   |-----|\n  b   |--|\n    c   |-|").findings).toEqual([]);
});

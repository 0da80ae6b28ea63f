import { expect, test } from "vitest";
import { drawEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { contextLeak } from "./context-leak";

const find = (drawing: string, nowMs = 60_000) =>
  contextLeak.find(drawEvidence(drawing, { nowMs, starts: false, msPerColumn: 10, settings: { settleMs: 3_000 } }));

const LADDER = `
  consume#1    |---|
    consume#2        |---|
      consume#3            |---|
`;

test("each message a child of the one before, which had ended: a context is never detached", () => {
  const { findings } = find(LADDER);
  expect(findings).toMatchObject([{ severity: "warning", count: 2, causes: [{ id: "context-not-detached" }] }]);
  expect(findings[0]?.spanIds).toEqual([spanIdOf("consume#2"), spanIdOf("consume#3")]);
});

test("every rung is proposed where the first one is: below the same parent, or at the top", () => {
  const placesOf = (drawing: string) => find(drawing).findings[0]?.proposedParents?.map(({ parentSpanId }) => parentSpanId);
  expect(placesOf(LADDER)).toEqual([null, null]);
  expect(placesOf(`worker  |-------------------------|\n${LADDER.replaceAll("\n", "\n  ")}`)).toEqual([
    spanIdOf("worker"),
    spanIdOf("worker"),
  ]);
});

test("two rungs are background work, nesting is recursion, and other names are other work", () => {
  expect(find("consume#1   |---|\n  consume#2       |---|").findings).toEqual([]);
  expect(find("visit#1   |---------|\n  visit#2   |------|\n    visit#3   |--|").findings).toEqual([]);
  expect(find("order   |---|\n  mail        |---|\n    receipt         |---|").findings).toEqual([]);
});

test("a later end of a rung may still take it back, so it waits until the trace is settled", () => {
  expect(find(LADDER, 1_000)).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
});

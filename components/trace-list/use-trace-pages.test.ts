import { expect, test } from "vitest";
import type { TraceSummary } from "@/lib/api/contract/traces";
import { mergeHead } from "./use-trace-pages";

const trace = (id: string, firstReceivedAt: string, spanCount = 1) => ({ traceId: id, firstReceivedAt, spanCount }) as TraceSummary;

test("rows keep their places and take the newest numbers; what is newer than all of them is counted", () => {
  const shown = [trace("b", "2026-01-01T00:00:02.000Z"), trace("a", "2026-01-01T00:00:01.000Z")];
  const head = [trace("c", "2026-01-01T00:00:03.000Z"), trace("b", "2026-01-01T00:00:02.000Z", 9)];
  const { rows, newCount } = mergeHead(shown, head);
  expect(rows.map((row) => [row.traceId, row.spanCount])).toEqual([
    ["b", 9],
    ["a", 1],
  ]);
  expect(newCount).toBe(1);
});

test("an old trace that a filter matches only now is not announced as new", () => {
  const { newCount } = mergeHead([trace("b", "2026-01-01T00:00:02.000Z")], [trace("a", "2026-01-01T00:00:01.000Z")]);
  expect(newCount).toBe(0);
});

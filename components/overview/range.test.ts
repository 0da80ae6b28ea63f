import { expect, test } from "vitest";
import { statsQueryOf, stretchOf, tracesHref } from "./range";

test("the question stays the same for a minute, so that a page that is looked at does not ask anew all the time", () => {
  const at = Date.UTC(2026, 10, 25, 12, 0, 1);
  expect(statsQueryOf("1h", at)).toEqual({ from: "2026-11-25T11:00:00.000Z" });
  expect(statsQueryOf("1h", at + 58_000)).toEqual(statsQueryOf("1h", at));
  expect(statsQueryOf("7d", at)).toEqual({ from: "2026-11-18T12:00:00.000Z" });
  expect(statsQueryOf("24h", at)).toEqual({});
});

test("a drag to the left means the same as one to the right, and the last bar is inside", () => {
  expect(stretchOf(5_000, 1_000, 1_000)).toEqual({ fromMs: 1_000, toMs: 6_000 });
  expect(stretchOf(1_000, 5_000, 1_000)).toEqual({ fromMs: 1_000, toMs: 6_000 });
});

test("what was dragged over opens as a list of traces with the same limits", () => {
  const href = tracesHref({ fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2026, 0, 2) }, { family: "orphan" });
  expect(Object.fromEntries(new URL(href, "http://x").searchParams)).toEqual({
    from: "2026-01-01T00:00:00.000Z",
    to: "2026-01-02T00:00:00.000Z",
    family: "orphan",
  });
});

import { expect, test } from "vitest";
import { durationFraction } from "./duration-scale";

test("a longer trace never has the shorter bar, and the longest fills its place", () => {
  const bars = [0, 0.05, 1, 10, 1_000, 3_600_000].map((ms) => durationFraction(ms, 3_600_000));
  expect([...bars].sort((a, b) => a - b)).toEqual(bars);
  expect(bars[0]).toBe(0);
  expect(bars.at(-1)).toBe(1);
});

test("a list of nothing but zero durations has no bars instead of broken ones", () => {
  expect(durationFraction(0, 0)).toBe(0);
});

import { expect, test } from "vitest";
import { type Baseline, quantileMs, withDurations } from "./baseline";

test("what is usual is told within a fifth, once enough spans were seen", () => {
  const some = withDurations(
    null,
    Array.from({ length: 19 }, () => 2_000),
  );
  expect(quantileMs(some, 0.95)).toBeNull();
  const enough = withDurations(some, [2_000]);
  expect(quantileMs(enough, 0.95)).toBeGreaterThanOrEqual(2_000);
  expect(quantileMs(enough, 0.95)).toBeLessThan(2_400);
});

test("one slow span in a hundred does not move the 95th percentile", () => {
  const baseline = withDurations(null, [...Array.from({ length: 99 }, () => 10), 3_600_000]);
  expect(quantileMs(baseline, 0.95)).toBeLessThan(12);
});

test("the sketch keeps a bounded weight, so that a service that changed is believed in the end", () => {
  let baseline: Baseline = withDurations(
    null,
    Array.from({ length: 10_000 }, () => 100),
  );
  for (let i = 0; i < 30; i++)
    baseline = withDurations(
      baseline,
      Array.from({ length: 2_000 }, () => 5_000),
    );
  expect(baseline.count).toBeLessThanOrEqual(10_000);
  expect(quantileMs(baseline, 0.2)).toBeGreaterThan(1_000);
});

test("durations of zero and of years have their place", () => {
  const baseline = withDurations(null, [...Array.from({ length: 20 }, () => 0), 1e15]);
  expect(quantileMs(baseline, 0.5)).toBe(1);
});

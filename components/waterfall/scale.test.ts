import { expect, test } from "vitest";
import { barOf, domainOf, extentOf, ticksOf } from "./scale";

const NONE = Number.NaN;
function times(spans: [start: number, end: number, activity?: number][]) {
  return {
    count: spans.length,
    startMs: Float64Array.from(spans, ([start]) => start),
    endMs: Float64Array.from(spans, ([, end]) => end),
    activityMs: Float64Array.from(spans, ([, , activity]) => activity ?? NONE),
    hasOpen: spans.some(([, end]) => Number.isNaN(end)),
  };
}
const fullView = (table: ReturnType<typeof times>, nowMs: number) => domainOf(extentOf(table), nowMs);

test("a closed trace fills the width and knows no now", () => {
  const view = fullView(
    times([
      [0, 100],
      [20, 60],
    ]),
    1e9,
  );
  expect(view).toMatchObject({ startMs: 0, originMs: 0, nowMs: null, breakMs: null });
  expect(view.endMs).toBeGreaterThanOrEqual(100);
  expect(view.endMs).toBeLessThan(110);
});

test("a running trace reaches to now, and closed bars do not move with every second", () => {
  const table = times([
    [0, NONE, 90],
    [0, 100],
  ]);
  const [a, b] = [fullView(table, 150), fullView(table, 151)];
  expect(a.nowMs).toBe(150);
  expect(a.endMs).toBeGreaterThan(150);
  expect(barOf(table, 1, a)).toEqual(barOf(table, 1, b));
  expect(barOf(table, 0, b).right).toBeGreaterThan(barOf(table, 0, a).right);
});

test("a span left open three days ago does not crush its trace: the axis is broken, and the bar reaches to the edge", () => {
  const table = times([
    [0, 1_000],
    [100, NONE, 400],
  ]);
  const view = fullView(table, 3 * 86_400_000);
  expect(view.endMs).toBeLessThan(1_200);
  expect(view.breakMs).toBeGreaterThan(1_000);
  const bar = barOf(table, 1, view);
  expect(bar.right).toBe(1);
  expect(bar.known).toBeCloseTo(400 / view.endMs);
});

test("a clock at 1970 or 2554 is shown at the edge instead of crushing the others", () => {
  const table = times([
    [0, 100],
    [10, 90],
    [20, 80],
    [-1.7e12, -1.7e12 + 5],
    [1.6e13, 1.6e13 + 5],
  ]);
  const view = fullView(table, 0);
  expect(view.startMs).toBe(0);
  expect(view.endMs).toBeLessThan(110);
  expect(barOf(table, 3, view).outside).toBe("before");
  expect(barOf(table, 4, view).outside).toBe("after");
  expect(barOf(table, 0, view).outside).toBeNull();
});

test("when every clock is absurd, that is the scale", () => {
  expect(fullView(times([[-1.7e12, -1.7e12 + 50]]), 0).startMs).toBe(-1.7e12);
});

test("an end before its start is drawn between the two", () => {
  const table = times([
    [0, 100],
    [80, 40],
  ]);
  const bar = barOf(table, 1, { startMs: 0, endMs: 100, originMs: 0, nowMs: null, breakMs: null });
  expect([bar.left, bar.right]).toEqual([0.4, 0.8]);
});

test("what a zoom leaves out is told by an arrow to its side", () => {
  const table = times([
    [0, 10],
    [50, 60],
  ]);
  const zoomed = { startMs: 20, endMs: 40, originMs: 0, nowMs: null, breakMs: null };
  expect([barOf(table, 0, zoomed).outside, barOf(table, 1, zoomed).outside]).toEqual(["before", "after"]);
});

test("an empty trace has a width all the same", () => {
  const view = fullView(times([]), 0);
  expect(view.endMs).toBeGreaterThan(view.startMs);
});

test.each([
  [100, [0, 20, 40, 60, 80, 100]],
  [95_000, [0, 15_000, 30_000, 45_000, 60_000, 75_000, 90_000]],
  [7_200_000, [0, 1_200_000, 2_400_000, 3_600_000, 4_800_000, 6_000_000, 7_200_000]],
  [0.01, [0, 0.002, 0.004, 0.006, 0.008, 0.01]],
])("a ruler over %d ms has round steps", (endMs, expected) => {
  const ticks = ticksOf({ startMs: 0, endMs, originMs: 0, nowMs: null, breakMs: null }, 7);
  expect(ticks.map((tick) => Number(tick.toPrecision(6)))).toEqual(expected);
});

test("a ruler that begins anywhere counts from the trace's own beginning and never has more ticks than asked for", () => {
  const ticks = ticksOf({ startMs: 1_234_567, endMs: 1_235_567, originMs: 1_234_500, nowMs: null, breakMs: null }, 7);
  expect(ticks.length).toBeLessThanOrEqual(8);
  expect(ticks.every((tick) => Math.abs(((tick - 1_234_500) / 200) % 1) < 1e-9)).toBe(true);
});

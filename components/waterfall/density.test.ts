import { expect, test } from "vitest";
import { densityOf } from "./density";

const VIEW = { startMs: 0, endMs: 10, originMs: 0, nowMs: null, breakMs: null };
const table = (spans: [number, number][]) => ({
  count: spans.length,
  startMs: Float64Array.from(spans, ([start]) => start),
  endMs: Float64Array.from(spans, ([, end]) => end),
  activityMs: new Float64Array(spans.length).fill(Number.NaN),
});

test("each slice counts the spans that run in it", () => {
  //  |----------|
  //     |---|
  expect([
    ...densityOf(
      table([
        [0, 9.9],
        [3, 6.5],
      ]),
      VIEW,
      10,
    ),
  ]).toEqual([1, 1, 1, 2, 2, 2, 2, 1, 1, 1]);
});

test("spans without length or without an end are still seen once", () => {
  expect([
    ...densityOf(
      table([
        [5, 5],
        [7, Number.NaN],
      ]),
      VIEW,
      10,
    ),
  ]).toEqual([0, 0, 0, 0, 0, 1, 0, 1, 0, 0]);
});

test("what lies outside the scale is not counted", () => {
  expect([
    ...densityOf(
      table([
        [-5, -1],
        [20, 30],
      ]),
      VIEW,
      2,
    ),
  ]).toEqual([0, 0]);
});

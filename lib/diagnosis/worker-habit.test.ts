import { expect, test } from "vitest";
import { rangesOf, steadyRow, usualRowWith, withRun } from "./worker-habit";

const runs = (...rows: string[]) => ({ runs: rows });
const times = (count: number, row: string) => Array.from({ length: count }, () => row);

test("a row is written as a person would", () => {
  expect(rangesOf([3, 1, 2, 0])).toBe("0-3");
  expect(rangesOf([1, 2, 5, 6, 7, 9])).toBe("1,2,5-7,9");
  expect(rangesOf([])).toBe("");
});

test("earlier runs that had what this one lacks are its witnesses, once they are three and the most", () => {
  expect(usualRowWith(runs("0-7", "0-7"), [4])).toBeNull();
  expect(usualRowWith(runs(...times(11, "0-7"), "0-3,5-7"), [4])).toEqual({ numbers: "0-7", runs: 11, all: 12 });
  expect(usualRowWith(runs("1,2,3", "1,2,3", "1,2,3", "0-3"), [0])).toBeNull();
  expect(usualRowWith(undefined, [4])).toBeNull();
});

test("only a row that five runs had, one like the other, tells that its end is missing", () => {
  expect(steadyRow(runs(...times(5, "0-2")))).toEqual([0, 1, 2]);
  expect(steadyRow(runs(...times(4, "0-2")))).toBeNull();
  expect(steadyRow(runs("0,1", ...times(9, "0-2")))).toBeNull();
});

test("only the latest runs are remembered", () => {
  let known: string[] = [];
  for (let i = 0; i < 100; i++) known = withRun(known, `0-${i}`);
  expect(known).toHaveLength(20);
  expect(known[0]).toBe("0-99");
});

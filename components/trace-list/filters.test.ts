import { expect, test } from "vitest";
import { activeFilters, type Filters, tracesQueryOf } from "./filters";

const NONE: Filters = {
  range: null,
  from: null,
  to: null,
  q: null,
  service: null,
  name: null,
  status: null,
  minDuration: null,
  maxDuration: null,
  attr: [],
  kind: null,
  family: null,
  state: null,
};
const NOW = Date.parse("2026-11-24T12:00:00.000Z");

test("no filter asks for everything", () => {
  expect(tracesQueryOf(NONE, NOW)).toEqual({});
  expect(activeFilters(NONE)).toEqual([]);
});

test("a relative time wins over an absolute one and is counted back from now", () => {
  expect(tracesQueryOf({ ...NONE, range: "1h", from: "2026-01-01T00:00:00.000Z" }, NOW)).toEqual({ from: "2026-11-24T11:00:00.000Z" });
  expect(tracesQueryOf({ ...NONE, from: "2026-01-01T00:00:00.000Z", minDuration: 0 }, NOW)).toEqual({
    from: "2026-01-01T00:00:00.000Z",
    minDuration: 0,
  });
});

test("each attribute can be taken away by itself, and time is one filter", () => {
  const active = activeFilters({ ...NONE, attr: ["a=1", "b=2"], from: "2026-01-01T00:00:00.000Z", to: "2026-01-02T00:00:00.000Z" });
  expect(active.map(({ id, value }) => [id, value])).toEqual([
    ["time", "2026-01-01T00:00:00.000Z – 2026-01-02T00:00:00.000Z"],
    ["attr", "a=1"],
    ["attr", "b=2"],
  ]);
  expect(active[1]?.without.attr).toEqual(["b=2"]);
  expect(active[0]?.without.from).toBeNull();
});

import { expect, test } from "vitest";
import { formatAge, formatDuration, shortId } from "./format";

test("durations read as two significant units, whatever their size", () => {
  const said = (ms: number) => formatDuration(ms, "en");
  expect([0, 0.00042, 0.87, 1, 12.44, 124.4, 999.7, 1_500, 12_400, 59_999, 60_000, 192_000, 3_599_990, 7_500_000].map(said)).toEqual([
    "0 ns",
    "420 ns",
    "870 µs",
    "1 ms",
    "12.4 ms",
    "124 ms",
    "1 s",
    "1.5 s",
    "12.4 s",
    "1 min",
    "1 min",
    "3 min 12 s",
    "1 h",
    "2 h 5 min",
  ]);
  expect(said(86_400_000 * 3 + 3_600_000 * 4)).toBe("3 d 4 h");
  expect(said(31_536_000_000 * 56)).toBe("56 y");
  expect(said(-1_500)).toBe("−1.5 s");
});

test("a Chinese reader reads Chinese units", () => {
  expect(formatDuration(192_000, "zh")).toBe("3 分钟 12 秒");
  expect(formatAge(7_300_000, "zh")).toBe("2 小时");
});

test("an age never says a negative number when clocks differ a little", () => {
  expect(formatAge(-400, "en")).toBe("0 s");
  expect(formatAge(59_999, "en")).toBe("59 s");
});

test("short ids stay whole, long ones keep both ends", () => {
  expect(shortId("abc")).toBe("abc");
  expect(shortId("4f0c9a00000000000000000000009191")).toBe("4f0c9a…9191");
});

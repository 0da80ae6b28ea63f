import { expect, test } from "vitest";
import { formatAge, formatDuration, formatWhen, shortId } from "./format";

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

test("a moment is told by the reader's days, as people tell it", () => {
  const at = (day: number, hour: number, month = 10, year = 2026) => new Date(year, month, day, hour, 2).getTime();
  const now = at(25, 1);
  const said = (ms: number) => [formatWhen(ms, now, "en"), formatWhen(ms, now, "zh")];
  expect(said(at(25, 0))).toEqual(["today 00:02", "今天 00:02"]);
  // Three hours ago, but on another day.
  expect(said(at(24, 23))).toEqual(["yesterday 23:02", "昨天 23:02"]);
  expect(said(at(23, 23))).toEqual(["23 Nov 23:02", "11 月 23 日 23:02"]);
  expect(said(at(31, 9, 11, 2025))).toEqual(["31 Dec 2025 09:02", "2025 年 12 月 31 日 09:02"]);
  // The first of a month: yesterday is the last of the one before.
  expect(formatWhen(at(31, 9, 9), at(1, 9), "en")).toBe("yesterday 09:02");
});

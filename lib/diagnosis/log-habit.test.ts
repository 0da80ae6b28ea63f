import { expect, test } from "vitest";
import { NO_LOG_HABIT, usualLogCount, withLogCounts } from "./log-habit";

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

test("twenty spans with logs are a habit, nineteen are not, and it says how many logs are usual", () => {
  expect(usualLogCount(withLogCounts(NO_LOG_HABIT, times(19, 4)))).toBeNull();
  expect(usualLogCount(withLogCounts(NO_LOG_HABIT, times(20, 4)))).toBe(4);
});

test("spans of which one in twenty has none by nature are no habit, or each of these would be told as a loss", () => {
  expect(usualLogCount(withLogCounts(NO_LOG_HABIT, [...times(95, 1), ...times(5, 0)]))).toBeNull();
  expect(usualLogCount(withLogCounts(NO_LOG_HABIT, [...times(312, 4), 0, 0]))).toBe(4);
});

test("what was told as a loss does not spoil the habit, until it is one itself: a log level that was raised", () => {
  const habit = withLogCounts(NO_LOG_HABIT, times(100, 3));
  expect(withLogCounts(habit, times(19, null))).toMatchObject({ spans: 100, withLogs: 100, withoutInARow: 19 });
  expect(usualLogCount(withLogCounts(habit, times(20, null)))).toBeNull();
  expect(withLogCounts(habit, [...times(19, null), 3])).toMatchObject({ spans: 101, withoutInARow: 0 });
});

test("the counts stay bounded, and keep their shares", () => {
  let habit = NO_LOG_HABIT;
  for (let i = 0; i < 50; i++) habit = withLogCounts(habit, times(1_000, 2));
  expect(habit.spans).toBeLessThanOrEqual(10_000);
  expect(habit.withLogs).toBe(habit.spans);
  expect(usualLogCount(habit)).toBe(2);
});

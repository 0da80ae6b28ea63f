/** Whether closed spans of one service and name usually have logs, and how many (features.md M10). */
export interface LogHabit {
  /** Closed spans that were counted, those of them with logs of their own, and how many logs these had in all. */
  spans: number;
  withLogs: number;
  logs: number;
  /** How many of the latest spans had none, one after the other. */
  withoutInARow: number;
}

export const NO_LOG_HABIT: LogHabit = { spans: 0, withLogs: 0, logs: 0, withoutInARow: 0 };

/** features.md M10: fewer spans tell no habit, and a smaller share with logs is none. */
const SPANS_MIN = 20;
const SHARE_MIN = 0.95;
/** What now and then has none by nature would be called lost again and again: so many in a hundred are too many, beyond a first one. */
const WITHOUT_SHARE_MAX = 0.01;
/** So many without any after each other are a new habit (a log level was raised, logs go elsewhere), and what was before is forgotten. */
const NEW_HABIT_AFTER = 20;
/** Counts are halved beyond this, so that what was usual months ago fades. */
const SPANS_MAX = 10_000;

/**
 * `habit` with more spans, in order.
 * @param logCounts how many logs each had; null for one that is told as a loss: it is no part of the habit, unless it becomes one.
 */
export function withLogCounts(habit: LogHabit, logCounts: readonly (number | null)[]): LogHabit {
  let { spans, withLogs, logs, withoutInARow } = habit;
  for (const count of logCounts) {
    withoutInARow = count ? 0 : withoutInARow + 1;
    if (count === null) continue;
    spans++;
    if (count > 0) withLogs++;
    logs += count;
  }
  if (withoutInARow >= NEW_HABIT_AFTER) return { ...NO_LOG_HABIT, withoutInARow };
  if (spans <= SPANS_MAX) return { spans, withLogs, logs, withoutInARow };
  return { spans: spans >> 1, withLogs: withLogs >> 1, logs: Math.floor(logs / 2), withoutInARow };
}

/** What one trace adds to what is known: its own spans count too. */
export const withOwn = (habit: LogHabit, own: LogHabit): LogHabit => ({
  spans: habit.spans + own.spans,
  withLogs: habit.withLogs + own.withLogs,
  logs: habit.logs + own.logs,
  withoutInARow: habit.withoutInARow,
});

/** How many logs such a span usually has, or null where having some is no habit. */
export function usualLogCount({ spans, withLogs, logs }: LogHabit): number | null {
  const without = spans - withLogs;
  if (spans < SPANS_MIN || withLogs < SHARE_MIN * spans || without > Math.max(1, WITHOUT_SHARE_MAX * spans)) return null;
  return Math.max(1, Math.round(logs / withLogs));
}

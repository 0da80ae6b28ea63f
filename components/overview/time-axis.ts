import type { Locale } from "@/messages/locale";

const DAY_MS = 86_400_000;

/** A tick of a time axis: the hour, or the day where the axis is longer than two of them. */
export function tickOf(ms: number, rangeMs: number, locale: Locale): string {
  const date = new Date(ms);
  if (rangeMs > 2 * DAY_MS) return date.toLocaleDateString(locale, { month: "numeric", day: "numeric" });
  return date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
}

/** What every axis of these charts has in common. */
export const AXIS = {
  tick: { fill: "var(--ink-soft)", fontSize: 11 },
  tickLine: false,
  axisLine: { stroke: "var(--line)" },
} as const;

import { parseAsStringLiteral } from "nuqs";
import type { StatsQuery } from "@/lib/api/contract/status";

export const RANGES = ["1h", "6h", "24h", "7d"] as const;
export type Range = (typeof RANGES)[number];
const HOUR_MS = 3_600_000;
const RANGE_MS: Record<Range, number> = { "1h": HOUR_MS, "6h": 6 * HOUR_MS, "24h": 24 * HOUR_MS, "7d": 168 * HOUR_MS };

export const FILTERS = { range: parseAsStringLiteral(RANGES).withDefault("24h") };

/** A moment is rounded to this, so that the question, and with it what is remembered of the answer, does not change with every look. */
const STEP_MS = 60_000;

/** The question for the last hours; the usual 24 are what the server answers unasked, and the navigation has asked for already. */
export function statsQueryOf(range: Range, nowMs: number): StatsQuery {
  if (range === "24h") return {};
  return { from: new Date(Math.floor(nowMs / STEP_MS) * STEP_MS - RANGE_MS[range]).toISOString() };
}

/** A stretch of time that was dragged over or clicked, Unix ms. */
export interface Stretch {
  fromMs: number;
  toMs: number;
}

/**
 * Two places of a drag as a stretch, whichever came first; the bucket of the later one is inside.
 * @param bucketMs the width of one bar.
 */
export const stretchOf = (oneMs: number, otherMs: number, bucketMs: number): Stretch => ({
  fromMs: Math.min(oneMs, otherMs),
  toMs: Math.max(oneMs, otherMs) + bucketMs,
});

/** The list of traces that began to arrive in a stretch. */
export function tracesHref({ fromMs, toMs }: Stretch, filters: Record<string, string> = {}): string {
  const search = new URLSearchParams({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), ...filters });
  return `/traces?${search}`;
}

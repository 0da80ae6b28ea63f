import type { SpanTable } from "./span-table";

/** The time that the waterfall's width stands for, in ms since the trace's base. */
export interface Domain {
  startMs: number;
  endMs: number;
  /** What the ruler counts from: the first start that is on the scale. */
  originMs: number;
  /** Where "now" stands, or null when nothing is open. */
  nowMs: number | null;
  /** Set when the time up to now is so long that it would crush everything: the axis is broken here, and now stands at the right edge. */
  breakMs: number | null;
}

type Times = Pick<SpanTable, "count" | "startMs" | "endMs" | "activityMs" | "hasOpen">;

const DAY_MS = 86_400_000;
/** A span is off the scale when it stands farther from the bulk of the trace than this many times the bulk's own length (and a day). */
const FAR_TIMES = 20;
/** Waiting up to so many times the active time is drawn to scale; more breaks the axis. */
const WAIT_TIMES = 2;

/** From the first start to the last sign of life, without what is off the scale. */
export interface Extent {
  startMs: number;
  endMs: number;
  hasOpen: boolean;
}

/**
 * How far a trace reaches. Clocks can be absurd (1970, 2554): spans off the scale are not allowed to crush the others; they are drawn as
 * marks at the edge.
 */
export function extentOf(table: Times): Extent {
  const [low, high] = bulkOf(table.startMs);
  const far = Math.max(DAY_MS, FAR_TIMES * (high - low));
  let startMs = Number.POSITIVE_INFINITY;
  let endMs = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < table.count; row++) {
    const start = table.startMs[row] ?? 0;
    if (start < low - far || start > high + far) continue;
    startMs = Math.min(startMs, start);
    endMs = Math.max(endMs, start, sane(table.endMs[row], high + far), sane(table.activityMs[row], high + far));
  }
  return startMs > endMs ? { startMs: 0, endMs: 1, hasOpen: false } : { startMs, endMs, hasOpen: table.hasOpen };
}

/** A time if there is one and it is on the scale, else one that never counts. */
const sane = (ms: number | undefined, limit: number) => (ms !== undefined && ms < limit ? ms : Number.NEGATIVE_INFINITY);

/** What the waterfall shows when it is not zoomed: the extent, and on to now while something is open. */
export function domainOf({ startMs, endMs, hasOpen }: Extent, nowMs: number): Domain {
  const active = Math.max(endMs - startMs, MIN_LENGTH_MS);
  if (!hasOpen || nowMs <= startMs) return { startMs, endMs: startMs + active * (1 + PAD), originMs: startMs, nowMs: null, breakMs: null };
  const wait = nowMs - endMs;
  if (wait > active * WAIT_TIMES) {
    const edgeMs = startMs + active * 1.15;
    return { startMs, endMs: edgeMs, originMs: startMs, nowMs: edgeMs, breakMs: startMs + active * 1.09 };
  }
  // Grows in steps, so that a running trace does not squeeze its bars a little every second.
  const needed = Math.max(nowMs, endMs) - startMs;
  const steps = Math.ceil(Math.log(Math.max(needed / active, 1)) / Math.log(GROWTH));
  return { startMs, endMs: startMs + active * GROWTH ** (steps + 0.3), originMs: startMs, nowMs, breakMs: null };
}

const MIN_LENGTH_MS = 0.001;
const PAD = 0.02;
const GROWTH = 1.15;

/** Between which starts nine in ten spans begin. */
function bulkOf(startMs: Float64Array): [number, number] {
  if (startMs.length === 0) return [0, 0];
  const sorted = Float64Array.from(startMs).sort();
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  // In a small trace one absurd clock is already a tenth.
  const edge = sorted.length < 20 ? 0.25 : 0.05;
  return [at(edge), at(1 - edge)];
}

/** Where a time stands on the width, 0 … 1 and beyond. */
export const fractionOf = (domain: Pick<Domain, "startMs" | "endMs">, ms: number): number =>
  (ms - domain.startMs) / (domain.endMs - domain.startMs);

/** A bar as fractions of the width. */
export interface Bar {
  left: number;
  right: number;
  /** Up to where there are signs of life; beyond it the bar is a guess. */
  known: number;
  /** Set when nothing of it is in view: to which side it lies. */
  outside: "before" | "after" | null;
}

/** Where the bar of a row is drawn. An open span reaches to now (to the right edge where the axis is broken or now is out of view). */
export function barOf(table: Times, row: number, view: Domain): Bar {
  const start = table.startMs[row] ?? 0;
  const end = table.endMs[row] ?? Number.NaN;
  const isOpen = Number.isNaN(end);
  const activity = table.activityMs[row] ?? Number.NaN;
  const lastSign = isOpen ? Math.max(start, Number.isNaN(activity) ? start : activity) : end;
  const until = isOpen ? Math.max(lastSign, view.breakMs === null ? (view.nowMs ?? lastSign) : view.endMs) : end;
  const a = fractionOf(view, Math.min(start, until));
  const b = fractionOf(view, Math.max(start, until));
  const outside = b < 0 ? "before" : a > 1 ? "after" : null;
  return { left: clamp(a), right: clamp(b), known: clamp(fractionOf(view, lastSign)), outside };
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));

/** Places for the ruler at round distances from the origin; ms since the base, at most `most` of them. */
export function ticksOf({ startMs, endMs, originMs, breakMs }: Domain, most: number): number[] {
  const length = endMs - startMs;
  const step = roundStep(length / Math.max(1, most));
  const ticks: number[] = [];
  const last = breakMs ?? endMs;
  const first = Math.ceil((startMs - originMs) / step - 1e-9);
  for (let count = first; originMs + count * step <= last && ticks.length <= most; count++) ticks.push(originMs + count * step);
  return ticks;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Steps that clocks have, from ten seconds to a day. */
const CLOCK_STEPS = [
  ...[10, 15, 20, 30].map((count) => count * SECOND_MS),
  ...[1, 2, 5, 10, 15, 20, 30].map((count) => count * MINUTE_MS),
  ...[1, 2, 3, 6, 12, 24].map((count) => count * HOUR_MS),
];

/** The next round step above: 1, 2, 5 × 10ⁿ below ten seconds, what clocks have up to a day, whole days beyond. */
function roundStep(atLeast: number): number {
  if (atLeast > 5 * SECOND_MS && atLeast <= DAY_MS) return CLOCK_STEPS.find((step) => step >= atLeast) ?? DAY_MS;
  const unit = atLeast > DAY_MS ? DAY_MS : 1;
  const wanted = Math.max(atLeast / unit, 1e-6);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= wanted * (1 - 1e-9)) ?? 10;
  return step * power * unit;
}

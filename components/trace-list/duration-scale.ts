/**
 * Where a duration stands on the scale that all rows share, 0 … 1. Logarithmic from 0.1 ms up: durations of one list differ by
 * thousands, and on a linear scale all but the longest would vanish.
 */
export function durationFraction(ms: number, longestMs: number): number {
  const span = Math.log10(1 + longestMs / FLOOR_MS);
  return span === 0 ? 0 : Math.min(1, Math.log10(1 + Math.max(0, ms) / FLOOR_MS) / span);
}

const FLOOR_MS = 0.1;

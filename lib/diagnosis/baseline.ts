/** How long closed spans of one service and name usually were: a sketch with 4 buckets per doubling of a ms, so within 19 % of the truth. */
export interface Baseline {
  count: number;
  /** How many spans by bucket; a bucket's upper bound is 2^(bucket / 4) ms. */
  buckets: ReadonlyMap<number, number>;
}

/** Fewer closed spans than this tell nothing of what is usual. */
const BASELINE_COUNT_MIN = 20;
/** Counts are halved beyond this, so that what was usual months ago fades. */
const COUNT_MAX = 10_000;
const PER_DOUBLING = 4;
const BUCKET_MAX = 160; // 2^40 ms, 35 years

export const baselineKey = (service: string, name: string): string => `${service}\u0000${name}`;

/** The bucket of a duration in ms. */
const bucketOf = (durationMs: number): number =>
  Math.min(BUCKET_MAX, Math.max(0, Math.ceil(Math.log2(Math.max(1, durationMs)) * PER_DOUBLING)));

/** The duration (ms) that `share` (0 … 1) of the spans did not exceed, or null when there were too few to tell. */
export function quantileMs(baseline: Baseline, share: number): number | null {
  if (baseline.count < BASELINE_COUNT_MIN) return null;
  let left = baseline.count * share;
  for (const [bucket, count] of [...baseline.buckets].sort(([a], [b]) => a - b)) {
    left -= count;
    if (left <= 0) return 2 ** (bucket / PER_DOUBLING);
  }
  return null;
}

/** `baseline` with durations (ms) added. */
export function withDurations(baseline: Baseline | null, durationsMs: readonly number[]): Baseline {
  const buckets = new Map(baseline?.buckets);
  let count = baseline?.count ?? 0;
  for (const durationMs of durationsMs) {
    const bucket = bucketOf(durationMs);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
    count++;
  }
  return count <= COUNT_MAX ? { count, buckets } : halved(buckets);
}

function halved(buckets: ReadonlyMap<number, number>): Baseline {
  const half = new Map([...buckets].map(([bucket, count]) => [bucket, count >> 1] as const).filter(([, count]) => count > 0));
  return { count: [...half.values()].reduce((sum, count) => sum + count, 0), buckets: half };
}

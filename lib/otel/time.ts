/** Nanoseconds since 1970 as OTLP counts them: an unsigned 64-bit integer, so up to the year 2554. */
export type UnixNano = bigint;

const NS_PER_MS = 1_000_000n;
/** 2262-04-11: the last moment that a signed 64-bit count of ns can say. What lies beyond is shown but never sorted by. */
const SANE_TIME_LIMIT: UnixNano = 1n << 63n;

/** Unix ms, rounded down. Exact below the year 287396. */
export const msOf = (time: UnixNano): number => Number(time / NS_PER_MS);

/** Unix ns of a moment in whole ms. */
export const unixNanoOfMs = (ms: number): UnixNano => BigInt(Math.trunc(ms)) * NS_PER_MS;

/** Signed ms from `a` to `b` with µs precision; safe for any two uint64 times. */
export const msBetween = (a: UnixNano, b: UnixNano): number => Number((b - a) / 1000n) / 1000;

/** Whether `time` can take part in sorting and sums: set, and before 2262. */
export const isSaneTime = (time: UnixNano): boolean => time > 0n && time < SANE_TIME_LIMIT;

/** Postgres' int8 shows the same 64 bits as a signed number; this reads them as OTLP means them. */
export const unixNanoOfInt8 = (text: string): UnixNano => BigInt.asUintN(64, BigInt(text));

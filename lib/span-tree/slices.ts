/**
 * A long computation in short slices: each `yield` stands after at most STEPS_PER_SLICE small steps and is a place where others may run.
 * Whoever has nobody to wait for them runs it through; a server lets its event loop turn between (lib/traces/in-turns.ts).
 */
export type Slices<T> = Generator<void, T, void>;

/** About 1 ms of work: one small step is a map look-up, a comparison or an object made. */
export const STEPS_PER_SLICE = 4096;

/** Runs all slices one after the other. */
export function runThrough<T>(slices: Slices<T>): T {
  for (;;) {
    const slice = slices.next();
    if (slice.done) return slice.value;
  }
}

/**
 * A long computation in short slices: each `yield` stands after about STEPS_PER_SLICE small steps and is a place where others may run.
 * Whoever has nobody waiting runs it through; a server lets its event loop turn between (lib/traces/in-turns.ts).
 */
export type Slices<T> = Generator<void, T, void>;

/** Some ms of work at most: one small step is a map look-up, a comparison or an object made. */
export const STEPS_PER_SLICE = 8192;

/** Runs all slices one after the other. */
export function runThrough<T>(slices: Slices<T>): T {
  for (;;) {
    const slice = slices.next();
    if (slice.done) return slice.value;
  }
}

/**
 * Calls `visit` with 0 … count − 1, in slices. Its answer is how many more steps it took, where that can be many.
 * The work is in a plain function because engines optimise those better than bodies of generators.
 */
export function* visiting(count: number, visit: (i: number) => number | undefined): Slices<void> {
  let steps = 0;
  for (let i = 0; i < count; i++) {
    steps += 1 + (visit(i) ?? 0);
    if (steps >= STEPS_PER_SLICE) {
      // A visit that took the steps of many slices counts as many: whoever counts slices, counts work.
      for (; steps >= STEPS_PER_SLICE; steps -= STEPS_PER_SLICE) yield;
    }
  }
}

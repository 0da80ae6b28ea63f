import type { Worker, WorkerGroup } from "./worker-groups";

/**
 * The numbers that workers of one group carry in their names or log messages, and which of 0 … max is not there (wire.md W2):
 *
 *   fetch feed 1, fetch feed 2, fetch feed 3, fetch feed 5, fetch feed 6      0 and 4 are missing
 */
export interface WorkerIndex {
  /** The text that carries the number, digits as #. */
  shape: string;
  present: number[];
  missing: number[];
}

/** Sparse numbers are ids of something, not a row of workers. */
const DENSITY_MIN = 0.6;
const INDEX_MAX = 4_096;
/** Strings of one worker that are looked at; a worker may have logged millions. */
const TEXTS_MAX = 200;

/** The row that the workers of a group form, or null when they form none. Zero counts as missing only where `startsAtZero`. */
export function workerIndexOf({ workers }: WorkerGroup, startsAtZero: (missing: number[]) => boolean): WorkerIndex | null {
  const byWorker = workers.map(numbersOf);
  const [first] = byWorker;
  if (!first) return null;
  for (const [key] of first) {
    const values = byWorker.map((numbers) => numbers.get(key));
    // Each worker has exactly one number there, and no two have the same.
    if (values.some((value) => value === undefined || value === null) || new Set(values).size !== values.length) continue;
    const row = rowOf(values as number[], startsAtZero);
    if (row !== null) return { shape: key.slice(key.indexOf(" ") + 1), ...row };
  }
  return null;
}

function rowOf(values: number[], startsAtZero: (missing: number[]) => boolean): { present: number[]; missing: number[] } | null {
  const present = values.sort((a, b) => a - b);
  const least = present[0] as number;
  const most = present.at(-1) as number;
  if (most > INDEX_MAX || least > 1) return null;
  const there = new Set(present);
  const inside = Array.from({ length: most - least + 1 }, (_, i) => least + i).filter((index) => !there.has(index));
  const missing = least === 1 && startsAtZero(inside) ? [0, ...inside] : inside;
  return present.length / (present.length + missing.length) >= DENSITY_MIN ? { present, missing } : null;
}

/** By place in a text (which number of which shape): the worker's one value there, or null when it has several. */
function numbersOf({ tops, logs }: Worker): Map<string, number | null> {
  const numbers = new Map<string, number | null>();
  const texts = [...tops.slice(0, TEXTS_MAX).map(({ name }) => name), ...logs.slice(0, TEXTS_MAX).map(({ message }) => message)];
  for (const text of texts) {
    const found = [...text.matchAll(/\d+/g)];
    const shape = text.replace(/\d+/g, "#");
    for (const [place, [digits]] of found.entries()) {
      const key = `${place} ${shape}`;
      const value = Number(digits);
      const known = numbers.get(key);
      numbers.set(key, known === undefined || known === value ? value : null);
    }
  }
  return numbers;
}

import type { TraceEvidence, WorkerHabit } from "./check";
import { templateOf } from "./evidence-index";
import { once } from "./once";
import { type WorkerGroup, workerGroupsOf } from "./worker-groups";
import { workerIndexOf } from "./worker-index";

/** What one settled trace adds: a row of workers that came. */
export interface WorkerRun {
  service: string;
  /** Templates of the common parent and of the workers. */
  parent: string;
  template: string;
  numbers: string;
}

/** So many runs are remembered, and at least so many make a habit. */
const RUNS_MAX = 20;
const RUNS_MIN = 3;
/** After so many runs with the same row, one with fewer workers is worth a word. */
const STEADY_RUNS = 5;
/** A row with more gaps than fit is not remembered. */
const NUMBERS_CHARS_MAX = 200;

export const workerHabitKey = (service: string, parent: string, template: string): string => `${service}\u0000${parent}\u0000${template}`;

/** Where the workers of a group belong. */
export function workerPlaceOf({ spans }: TraceEvidence, { parentNode, template, workers }: WorkerGroup): Omit<WorkerRun, "numbers"> {
  return { service: workers[0]?.process.service ?? "", parent: templateOf(spans[parentNode]?.name ?? ""), template };
}

/** The rows of numbered workers of a trace. */
export const workerRunsOf = once((evidence): WorkerRun[] =>
  workerGroupsOf(evidence).flatMap((group) => {
    const index = workerIndexOf(group, () => false);
    const numbers = index === null ? "" : rangesOf(index.present);
    return numbers === "" || numbers.length > NUMBERS_CHARS_MAX ? [] : [{ ...workerPlaceOf(evidence, group), numbers }];
  }),
);

export const withRun = (runs: readonly string[], numbers: string): string[] => [numbers, ...runs].slice(0, RUNS_MAX);

export interface UsualNumbers {
  numbers: string;
  /** How many of the runs that are remembered had just these. */
  runs: number;
  all: number;
}

/** The row of earlier runs that had what this one lacks, where most had; null where that is no habit. */
export function usualRowWith(habit: WorkerHabit | undefined, missing: readonly number[]): UsualNumbers | null {
  const rows = habit?.runs ?? [];
  const whole = rows.filter((numbers) => missing.every((number) => numbersOf(numbers).has(number)));
  const [numbers] = whole;
  if (numbers === undefined || whole.length < RUNS_MIN || whole.length <= rows.length / 2) return null;
  return { numbers, runs: rows.filter((row) => row === numbers).length, all: rows.length };
}

/** The row that the latest runs had, one like the other; null where they differ. */
export function steadyRow(habit: WorkerHabit | undefined): readonly number[] | null {
  const latest = (habit?.runs ?? []).slice(0, STEADY_RUNS);
  const [numbers] = latest;
  return numbers !== undefined && latest.length === STEADY_RUNS && latest.every((row) => row === numbers) ? [...numbersOf(numbers)] : null;
}

/** `1-3,5,6` of 1, 2, 3, 5, 6. */
export function rangesOf(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (sorted[end + 1] === (sorted[end] as number) + 1) end++;
    parts.push(end - i < 2 ? sorted.slice(i, end + 1).join(",") : `${sorted[i]}-${sorted[end]}`);
    i = end + 1;
  }
  return parts.join(",");
}

function numbersOf(ranges: string): Set<number> {
  const numbers = new Set<number>();
  for (const part of ranges.split(",")) {
    const [from = 0, to = from] = part.split("-").map(Number);
    for (let number = from; number <= to; number++) numbers.add(number);
  }
  return numbers;
}

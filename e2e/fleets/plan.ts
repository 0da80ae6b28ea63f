import type { seeded } from "@/lib/testing/captures/vary-capture";

/** What may go wrong in a fleet. In `healthy` nothing does, and workers that are killed when all is said have lost nothing. */
export const FAULTS = [
  "healthy",
  "killed-when-done",
  "killed",
  "exit-before-flush",
  "terminated-by-parent",
  "no-context",
  "stale-carrier",
  "parent-ended-early",
  "never-ended",
  "logs-not-flushed",
  "silent",
] as const;
export type Fault = (typeof FAULTS)[number];

/** One program: read by e2e/programs/fleet.mjs. */
export interface Plan {
  id: string;
  service: string;
  job: string;
  fault: Fault;
  spawn: "fork" | "cluster" | "thread";
  workers: number;
  /** Numbers of the workers that have the fault. */
  faulty: number[];
  /** Whether the SDK tells of starts (pending spans). */
  starts: boolean;
  json: boolean;
  logs: boolean;
  identity: "pid" | "instance" | "both";
  batchMs: number;
  steps: number;
  stepMs: number;
  staggerMs: number;
}

const JOBS = ["nightly import", "build index", "render pages", "ship orders", "train model", "resize pictures"];

/** Program `n` of a run: the faults take turns, all else is drawn. */
export function planFleet(n: number, random: ReturnType<typeof seeded>): Plan {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const fault = FAULTS[n % FAULTS.length] as Fault;
  const needsProcesses = fault === "killed" || fault === "killed-when-done" || fault === "silent" || fault === "logs-not-flushed";
  const spawn = pick(needsProcesses ? (["fork", "cluster"] as const) : (["fork", "cluster", "thread"] as const));
  // A row of numbers, or what is usual among workers, is told from three that are there.
  const least = fault === "silent" || fault === "logs-not-flushed" ? 4 : 2;
  const workers = Math.max(least, Math.min(8, 2 + Math.floor(-Math.log(1 - random()) * 1.5)));
  // The last of a row is not missed by anybody; of the first it cannot be said whether counting begins at it.
  const faulty = fault === "silent" ? between(1, workers - 2) : between(0, workers - 1);
  return {
    id: `fleet-${n}-${fault}`,
    service: `fleet-${n}`,
    job: pick(JOBS),
    fault,
    spawn,
    workers,
    faulty: [faulty],
    starts: fault !== "logs-not-flushed" && random() < 0.5,
    json: random() < 0.5,
    logs: fault === "logs-not-flushed" || random() < 0.3,
    identity: pick(["pid", "instance", "both"]),
    batchMs: between(50, 250),
    steps: between(1, 3),
    stepMs: between(10, 60),
    staggerMs: between(0, 10),
  };
}

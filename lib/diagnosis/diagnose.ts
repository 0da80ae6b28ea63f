import { runThrough, type Slices } from "@/lib/span-tree/slices";
import type { CheckResult, TraceEvidence } from "./check";
import { earliest } from "./earliest";
import type { FindingDraft, Kind } from "./finding";
import { CHECKS } from "./index";
import { missingParentsOf } from "./missing-parents";
import { openSpansOf } from "./open-spans";

export interface Diagnosis {
  /** In the order in which they are shown. */
  findings: FindingDraft[];
  /** When time alone could change any of it, Unix ms of the server's clock, or null. */
  lookAgainAtMs: number | null;
  /** Kinds whose check waits for the trace to be quiet: what was said of them before stands meanwhile. */
  waiting: ReadonlySet<Kind>;
}

/** Runs every check over one trace as it is known now. */
export const diagnose = (evidence: TraceEvidence): Diagnosis => runThrough(diagnosing(evidence));

/** As `diagnose`, a slice a check. */
export function* diagnosing(evidence: TraceEvidence): Slices<Diagnosis> {
  const results: CheckResult[] = [];
  const waiting = new Set<Kind>();
  for (const check of CHECKS) {
    const result = check.find(evidence);
    results.push(result);
    if (result.waits) waiting.add(check.kind);
    yield;
  }
  return {
    findings: results.flatMap(({ findings }) => findings),
    lookAgainAtMs: earliest(results.map(({ lookAgainAtMs }) => lookAgainAtMs)),
    waiting,
  };
}

/** When a verdict is so near that the trace is not yet called settled, ms: a process that must still be given a few seconds. */
const NEAR_MS = 10_000;

/**
 * Whether what is absent now is absent for good (as far as a few seconds can tell): the trace is quiet for the settling time, and neither a
 * process nor a missing parent is about to be judged.
 */
export function isSettled(evidence: TraceEvidence, diagnosis: Diagnosis): boolean {
  const { nowMs, lastReceivedMs, settings } = evidence;
  if (nowMs < lastReceivedMs + settings.settleMs) return false;
  const awaited = [
    diagnosis.lookAgainAtMs,
    ...openSpansOf(evidence).map(({ process }) => process.lookAgainAtMs),
    ...missingParentsOf(evidence).map(({ lookAgainAtMs }) => lookAgainAtMs),
  ];
  return awaited.every((moment) => moment === null || moment > nowMs + NEAR_MS);
}

import type { CheckResult, TraceEvidence } from "./check";
import { indexOf } from "./evidence-index";

/** From when on what is absent counts, server clock, Unix ms: the settling time after the last record, and what its SDKs may still hold back. */
export function settledAtMs(evidence: TraceEvidence): number {
  let delayMs = 0;
  for (const process of evidence.processes.values()) delayMs = Math.max(delayMs, indexOf(evidence).sdkOf(process).batchDelayMs);
  return evidence.lastReceivedMs + Math.max(evidence.settings.settleMs, delayMs);
}

/** What a check answers that has something to say and waits for the trace to be quiet first. */
export const waiting = (settledMs: number): CheckResult => ({ findings: [], lookAgainAtMs: settledMs, waits: true });

import type { FindingJson } from "@/lib/api/contract/findings";
import type { ProcessJson, TraceSummary } from "@/lib/api/contract/traces";
import type { Certainty, FindingState, Severity } from "@/lib/diagnosis/finding";

/** What the trace page says first: the incident, not the count of spans. */
export type Verdict =
  | { type: "incident"; finding: FindingJson; others: number }
  | { type: "arriving" }
  /** `alive`: every process with an open span is known to live. */
  | { type: "running"; open: number; alive: boolean }
  | { type: "well"; resolved: number };

const SEVERITY_ORDER: Record<Severity, number> = { error: 0, warning: 1, info: 2 };
const CERTAINTY_ORDER: Record<Certainty, number> = { proved: 0, likely: 1, possible: 2 };
const STATE_ORDER: Record<FindingState, number> = { open: 0, muted: 1, resolved: 2, retracted: 3 };

/** Findings in the order one reads them: what is true now, worst first, surest first, then as the server had them. */
export function sortFindings(findings: readonly FindingJson[]): FindingJson[] {
  return [...findings].sort(
    (a, b) =>
      STATE_ORDER[a.state] - STATE_ORDER[b.state] ||
      SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] ||
      CERTAINTY_ORDER[a.certainty] - CERTAINTY_ORDER[b.certainty],
  );
}

/** @param sorted findings as `sortFindings` gives them. */
export function verdictOf(
  sorted: readonly FindingJson[],
  trace: Pick<TraceSummary, "openCount">,
  settled: boolean,
  processes: readonly Pick<ProcessJson, "openSpans" | "state">[],
): Verdict {
  const wrong = sorted.filter((finding) => finding.state === "open" && finding.severity !== "info");
  const [worst] = wrong;
  if (worst) return { type: "incident", finding: worst, others: wrong.length - 1 };
  if (!settled) return { type: "arriving" };
  if (trace.openCount > 0) {
    const alive = processes.every((process) => process.openSpans === 0 || process.state === "alive");
    return { type: "running", open: trace.openCount, alive };
  }
  return { type: "well", resolved: sorted.filter((finding) => finding.state === "resolved").length };
}

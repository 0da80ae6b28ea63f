import { causesOfLoss } from "../cause-of-loss";
import type { Check, TraceEvidence } from "../check";
import { earliest } from "../earliest";
import { indexOf } from "../evidence-index";
import type { Cause, Evidence, FindingDraft, RankedCause } from "../finding";
import { lostInBatches } from "../lost-batches";
import { type MissingParent, missingParentsOf } from "../missing-parents";
import { processSentence } from "../process-state";
import { rewrittenParentsOf } from "../rewritten-parents";
import { adviceFor, evidenceOf, missingRef, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";

/**
 * O1–O3, O8, O9, O11: spans whose parent never came and can no longer be expected. One finding a missing parent, listing its children.
 *
 *   (batch)                    named as a parent, never received; its process has ended
 *     report      |----|
 *     report           |---|
 *
 * While the process of an SDK that reports only ends lives, the parent is most often still running: that is `ongoing-span`.
 */
export const orphanedSpan: Check = {
  kind: "orphaned-span",
  find: (evidence) => {
    // What was rewritten on the way is said as that, once.
    const rewritten = new Set(rewrittenParentsOf(evidence).map(({ missingSpanId }) => missingSpanId));
    const told = lostInBatches(evidence);
    const missing = missingParentsOf(evidence).filter(
      ({ spanId, verdict }) => verdict === "waiting" || !(rewritten.has(spanId) || told.has(spanId)),
    );
    return {
      findings: missing.filter(({ verdict }) => verdict === "lost").map((one) => orphanFinding(evidence, one)),
      lookAgainAtMs: earliest(missing.filter(({ verdict }) => verdict === "waiting").map(({ lookAgainAtMs }) => lookAgainAtMs)),
    };
  },
};

function orphanFinding(evidence: TraceEvidence, missing: MissingParent): FindingDraft {
  const { spanId, children, owner, location, certainty, lastReceivedMs } = missing;
  const [first] = children;
  const causes = causesOfLoss(evidence, missing);
  const cause = (causes[0] as RankedCause).id;
  const isOwnersFault = owner !== null && missing.reason !== "nobody";
  return {
    kind: "orphaned-span",
    severity: certainty === "proved" ? "error" : "warning",
    certainty,
    subject: spanId,
    service: first?.service ?? owner?.service ?? "",
    traceId: evidence.traceId,
    spanIds: children.slice(0, SPAN_IDS_MAX).map((child) => child.spanId),
    missingSpanId: spanId,
    processId: (isOwnersFault ? owner.processId : first?.processId) ?? null,
    spanName: first?.name ?? "",
    title: sentence(`orphaned-span.${location}-title`, { count: children.length, name: first?.name ?? "", process: processLabel(owner) }),
    count: children.length,
    causes,
    evidence: linesOf(evidence, missing),
    advice: adviceFor(evidence, CURES[cause] ?? ["A9"], first ?? null, owner),
    retractedBy: sentence("retracted-by.parent-arrives"),
    lastEvidenceMs: lastReceivedMs,
  };
}

/** wire.md §12, most fitting first. */
const CURES: Partial<Record<Cause, readonly string[]>> = {
  "exited-without-flush": ["A2", "A7"],
  "process-died": ["A4", "A7"],
  "never-ended": ["A1", "A7"],
  "batch-lost": ["A9", "A14"],
  "external-parent": ["A10"],
  "service-not-reporting": ["A25", "A10"],
  filtered: ["A12"],
};

function linesOf(evidence: TraceEvidence, { spanId, children, owner, lastReceivedMs, rootStartMs, reason }: MissingParent): Evidence[] {
  const [first] = children;
  const lines = [
    evidenceOf("evidence.children", { count: children.length, name: first?.name ?? "" }, missingRef(spanId)),
    evidenceOf("evidence.waited", { duration: evidence.settings.settleMs, at: lastReceivedMs }, first ? spanRef(first) : null),
  ];
  if (rootStartMs !== null) lines.push(evidenceOf("evidence.root-began", { at: rootStartMs }));
  if (owner !== null && reason !== "nobody") {
    lines.push(evidenceOf("evidence.last-record", { process: processLabel(owner), at: owner.lastReceivedMs }, processRef(owner)));
    lines.push({ sentence: processSentence(indexOf(evidence).stateOf(owner)), ref: processRef(owner) });
  }
  return lines;
}

import { causesOfLoss } from "../cause-of-loss";
import type { Check, TraceEvidence } from "../check";
import type { FindingDraft, RankedCause } from "../finding";
import { type MissingParent, missingParentsOf } from "../missing-parents";
import { adviceFor, evidenceOf, missingRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";

/**
 * O4: a trace in several pieces without a root. With one missing parent `orphaned-span` says it all; with several, nobody says that none of
 * the pieces is the beginning.
 *
 *   (a)
 *     fetch page    |---|
 *   (b)
 *     fetch page          |---|
 */
export const rootlessTrace: Check = {
  kind: "rootless-trace",
  find: (evidence) => {
    const lost = missingParentsOf(evidence).filter(({ verdict }) => verdict === "lost");
    const isRootless = evidence.tree.roots.length === 0 && lost.length >= 2 && lost.length === evidence.tree.tops.length;
    // Nothing here waits: orphaned-span looks again when it must.
    return { findings: isRootless ? [rootlessFinding(evidence, lost)] : [], lookAgainAtMs: null };
  },
};

function rootlessFinding(evidence: TraceEvidence, lost: MissingParent[]): FindingDraft {
  const first = lost[0] as MissingParent;
  const [span] = first.children;
  const startedAt = Number((span?.startTimeUnixNano ?? 0n) / 1_000_000n);
  const { rootStartMs } = first;
  const lines = [evidenceOf("evidence.missing-parents", { count: lost.length, spans: evidence.spans.length }, missingRef(first.spanId))];
  if (rootStartMs !== null) lines.push(evidenceOf("evidence.root-began", { at: rootStartMs }));
  if (span) lines.push(evidenceOf("evidence.first-span", { span: span.name, at: startedAt }, spanRef(span)));
  return {
    kind: "rootless-trace",
    severity: "warning",
    certainty: lost.every(({ certainty }) => certainty !== "possible") ? "likely" : "possible",
    subject: "root",
    service: span?.service ?? "",
    traceId: evidence.traceId,
    spanIds: lost.flatMap(({ children }) => children.slice(0, 1).map((child) => child.spanId)).slice(0, SPAN_IDS_MAX),
    missingSpanId: null,
    processId: first.owner?.processId ?? span?.processId ?? null,
    spanName: span?.name ?? "",
    title:
      rootStartMs === null
        ? sentence("rootless-trace.title", { count: evidence.spans.length, missing: lost.length })
        : sentence("rootless-trace.gap-title", { duration: Math.max(0, startedAt - rootStartMs), at: rootStartMs }),
    count: 1,
    causes: causesOfLoss(evidence, first) satisfies RankedCause[],
    evidence: lines,
    advice: adviceFor(evidence, ["A2", "A7"], span ?? null, first.owner),
    retractedBy: sentence("retracted-by.root-arrives"),
    lastEvidenceMs: Math.max(...lost.map(({ lastReceivedMs }) => lastReceivedMs)),
  };
}

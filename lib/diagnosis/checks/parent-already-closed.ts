import { msOf } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import type { FindingDraft } from "../finding";
import { type LateChildren, laddersOf, lateChildrenOf, processOfSpan } from "../late-children";
import { adviceFor, evidenceOf, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { staleCarriersOf } from "../stale-carriers";

/**
 * P4: spans that began after their parent had ended, by one clock: work that was left to go on by itself. Often right, so it is info.
 *
 *   place order    |------|
 *     send mail               |----|
 *
 * A chain of such spans of one name is `context-leak`; workers with a context that was taken too early are `stale-carrier`.
 */
export const parentAlreadyClosed: Check = {
  kind: "parent-already-closed",
  find: (evidence) => {
    const told = new Set([
      ...laddersOf(evidence).flatMap(({ spans }) => spans),
      ...staleCarriersOf(evidence).map(({ late }) => late.parent),
    ]);
    const late = lateChildrenOf(evidence).filter(({ parent }) => !told.has(parent));
    return { findings: late.map((one) => lateFinding(evidence, one)), lookAgainAtMs: null };
  },
};

function lateFinding(evidence: TraceEvidence, { parent, children, afterMs }: LateChildren): FindingDraft {
  const first = children[0] as (typeof children)[number];
  const parentEndAt = msOf(parent.endTimeUnixNano ?? 0n);
  return {
    kind: "parent-already-closed",
    severity: "info",
    certainty: "proved",
    subject: parent.spanId,
    service: first.service,
    traceId: evidence.traceId,
    spanIds: children.slice(0, SPAN_IDS_MAX).map(({ spanId }) => spanId),
    missingSpanId: null,
    processId: first.processId,
    spanName: first.name,
    title: sentence("parent-already-closed.title", { span: first.name, parent: parent.name, duration: afterMs, count: children.length }),
    count: children.length,
    causes: [{ id: "fire-and-forget", certainty: "likely", because: sentence("because.fire-and-forget", { parent: parent.name }) }],
    evidence: [
      evidenceOf("evidence.ended-at", { span: parent.name, at: parentEndAt }, spanRef(parent)),
      ...children
        .slice(0, 5)
        .map((child) => evidenceOf("evidence.began-at", { span: child.name, at: msOf(child.startTimeUnixNano) }, spanRef(child))),
    ],
    advice: adviceFor(evidence, ["A18", "A8"], first, processOfSpan(evidence, first)),
    retractedBy: sentence("retracted-by.later-end"),
    lastEvidenceMs: Math.max(...children.slice(0, SPAN_IDS_MAX).flatMap(({ records }) => records.map(({ receivedMs }) => receivedMs))),
  };
}

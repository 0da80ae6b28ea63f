import { msOf } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import type { FindingDraft } from "../finding";
import { type Ladder, laddersOf, processOfSpan } from "../late-children";
import { adviceFor, evidenceOf, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { settledAtMs, waiting } from "../settling";

/**
 * P13: a context that is attached and never detached makes each piece of work a child of the one before.
 *
 *   consume message    |---|
 *     consume message        |---|
 *       consume message            |---|
 */
export const contextLeak: Check = {
  kind: "context-leak",
  find: (evidence) => {
    const ladders = laddersOf(evidence);
    if (ladders.length === 0) return { findings: [], lookAgainAtMs: null };
    const settledMs = settledAtMs(evidence);
    if (evidence.nowMs < settledMs) return waiting(settledMs);
    return { findings: ladders.map((ladder) => leakFinding(evidence, ladder)), lookAgainAtMs: null };
  },
};

function leakFinding(evidence: TraceEvidence, { spans }: Ladder): FindingDraft {
  const [first, second] = spans as [Ladder["spans"][number], Ladder["spans"][number]];
  return {
    kind: "context-leak",
    severity: "warning",
    certainty: "likely",
    subject: first.spanId,
    service: first.service,
    traceId: evidence.traceId,
    // The child whose parent is wrong comes first; the first rung is where it belongs.
    spanIds: spans.slice(1, SPAN_IDS_MAX + 1).map(({ spanId }) => spanId),
    missingSpanId: null,
    proposedParents: spans.slice(1, SPAN_IDS_MAX + 1).map(({ spanId, traceId }) => ({ spanId, traceId, parentSpanId: first.parentSpanId })),
    processId: first.processId,
    spanName: first.name,
    title: sentence("context-leak.title", { count: spans.length, span: first.name }),
    count: spans.length - 1,
    causes: [{ id: "context-not-detached", certainty: "likely", because: sentence("because.context-not-detached", { span: first.name }) }],
    evidence: [
      evidenceOf("evidence.ended-at", { span: first.name, at: msOf(first.endTimeUnixNano ?? 0n) }, spanRef(first)),
      evidenceOf("evidence.began-at", { span: second.name, at: msOf(second.startTimeUnixNano) }, spanRef(second)),
    ],
    advice: adviceFor(evidence, ["A18"], second, processOfSpan(evidence, second)),
    retractedBy: sentence("retracted-by.later-end"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

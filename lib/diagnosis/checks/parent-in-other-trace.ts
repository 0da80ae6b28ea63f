import { msOf } from "@/lib/otel/time";
import type { Check, SpanElsewhere, TraceEvidence } from "../check";
import type { FindingDraft } from "../finding";
import { processOfSpan } from "../late-children";
import { type MissingParent, missingParentsOf } from "../missing-parents";
import { parentElsewhere } from "../parents-elsewhere";
import { adviceFor, evidenceOf, missingRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";

/**
 * P10: the parent is missing here and was received in another trace: something on the way, or the program, took its id over and made up a new
 * trace id.
 *
 *   trace 1    GET /checkout  |------------|
 *                call pay        |-------|          span 7
 *   trace 2        POST /pay       |---|            <- 7
 *
 * Said instead of `orphaned-span`: the parent is not lost.
 */
export const parentInOtherTrace: Check = {
  kind: "parent-in-other-trace",
  find: (evidence) => ({
    findings: missingParentsOf(evidence).flatMap((missing) => {
      const parent = missing.verdict === "elsewhere" ? parentElsewhere(evidence, missing.spanId, missing.children) : null;
      return parent === null ? [] : [elsewhereFinding(evidence, missing, parent)];
    }),
    // It is looked for when the trace is quiet (parents-elsewhere.ts); orphaned-span looks again while the parent may come.
    lookAgainAtMs: null,
  }),
};

function elsewhereFinding(
  evidence: TraceEvidence,
  { spanId, children, lastReceivedMs }: MissingParent,
  parent: SpanElsewhere,
): FindingDraft {
  const [first] = children;
  const args = { span: first?.name ?? "", parent: parent.name, service: parent.service, trace: parent.traceId, count: children.length };
  return {
    kind: "parent-in-other-trace",
    severity: "warning",
    certainty: "likely",
    subject: spanId,
    service: first?.service ?? "",
    traceId: evidence.traceId,
    spanIds: children.slice(0, SPAN_IDS_MAX).map((child) => child.spanId),
    missingSpanId: spanId,
    proposedParents: children
      .slice(0, SPAN_IDS_MAX)
      .map((child) => ({ spanId: child.spanId, traceId: parent.traceId, parentSpanId: spanId })),
    processId: first?.processId ?? null,
    spanName: first?.name ?? "",
    title: sentence("parent-in-other-trace.title", args),
    count: children.length,
    causes: [{ id: "context-rewritten", certainty: "likely", because: sentence("because.trace-restarted", args) }],
    evidence: [
      evidenceOf(
        "evidence.parent-in-trace",
        { ...args, id: spanId, at: msOf(parent.startTimeUnixNano) },
        { type: "trace", id: parent.traceId },
      ),
      evidenceOf("evidence.never-received-here", { parent: spanId }, missingRef(spanId)),
      ...(first ? [evidenceOf("evidence.began-at", { span: first.name, at: msOf(first.startTimeUnixNano) }, spanRef(first))] : []),
    ],
    advice: adviceFor(evidence, ["A10", "A17"], first ?? null, first ? processOfSpan(evidence, first) : null),
    retractedBy: sentence("retracted-by.parent-arrives"),
    lastEvidenceMs: lastReceivedMs,
  };
}

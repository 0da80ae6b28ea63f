import type { Check, TraceEvidence } from "../check";
import type { FindingDraft } from "../finding";
import { processOfSpan } from "../late-children";
import { type MissingParent, missingParentsOf } from "../missing-parents";
import { adviceFor, evidenceOf, missingRef, SPAN_IDS_MAX, sentence } from "../sentences";

/**
 * P11: one hop cut the trace id to its low 64 bits, so one request became two traces; the parent that is missing here is in the other.
 *
 *   trace 4bf92f3577b34da6a3ce929d0e0e4736    GET /page  |-----------|       client span 7
 *   trace 0000000000000000a3ce929d0e0e4736      GET /image  |----|           <- 7
 */
export const truncatedTraceId: Check = {
  kind: "truncated-trace-id",
  find: (evidence) => {
    const { sameLowIds } = evidence;
    if (sameLowIds === null) return { findings: [], lookAgainAtMs: null };
    const there = new Set(sameLowIds.spanIds);
    const missing = missingParentsOf(evidence).filter(({ spanId }) => there.has(spanId));
    return { findings: missing.length === 0 ? [] : [truncatedFinding(evidence, sameLowIds.traceId, missing)], lookAgainAtMs: null };
  },
};

function truncatedFinding(evidence: TraceEvidence, wholeId: string, missing: MissingParent[]): FindingDraft {
  const [{ spanId, children }] = missing as [MissingParent];
  const [first] = children;
  const args = { span: first?.name ?? "", trace: wholeId, parent: spanId };
  return {
    kind: "truncated-trace-id",
    severity: "warning",
    certainty: "likely",
    subject: wholeId,
    service: first?.service ?? "",
    traceId: evidence.traceId,
    spanIds: missing.flatMap((one) => one.children.map((child) => child.spanId)).slice(0, SPAN_IDS_MAX),
    missingSpanId: spanId,
    proposedParents: missing
      .flatMap((one) => one.children.map((child) => ({ spanId: child.spanId, traceId: wholeId, parentSpanId: one.spanId })))
      .slice(0, SPAN_IDS_MAX),
    processId: first?.processId ?? null,
    spanName: first?.name ?? "",
    title: sentence("truncated-trace-id.title", args),
    count: 1,
    causes: [{ id: "truncated-trace-id", certainty: "likely", because: sentence("because.truncated-trace-id", args) }],
    evidence: [
      evidenceOf("evidence.same-low-bits", args, { type: "trace", id: wholeId }),
      evidenceOf("evidence.parent-is-there", args, missingRef(spanId)),
    ],
    advice: adviceFor(evidence, ["A22"], first ?? null, first ? processOfSpan(evidence, first) : null),
    retractedBy: sentence("retracted-by.parent-arrives"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

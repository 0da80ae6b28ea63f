import { msOf } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import type { FindingDraft } from "../finding";
import { processOfSpan } from "../late-children";
import { missingParentsOf } from "../missing-parents";
import { type Rewritten, rewrittenParentsOf } from "../rewritten-parents";
import { adviceFor, evidenceOf, missingRef, sentence, spanRef } from "../sentences";

/** P14: see lib/diagnosis/rewritten-parents. Said instead of `orphaned-span`, whose cause it is. */
export const rewrittenTraceparent: Check = {
  kind: "rewritten-traceparent",
  find: (evidence) => {
    const lost = new Set(missingParentsOf(evidence).flatMap(({ verdict, spanId }) => (verdict === "lost" ? [spanId] : [])));
    return {
      findings: rewrittenParentsOf(evidence)
        .filter(({ missingSpanId }) => lost.has(missingSpanId))
        .map((one) => rewrittenFinding(evidence, one)),
      // orphaned-span looks again while the parent may come.
      lookAgainAtMs: null,
    };
  },
};

function rewrittenFinding(evidence: TraceEvidence, { caller, server, missingSpanId }: Rewritten): FindingDraft {
  const args = { caller: caller.name, server: server.name, service: server.service };
  return {
    kind: "rewritten-traceparent",
    severity: "warning",
    certainty: "likely",
    subject: missingSpanId,
    service: server.service,
    traceId: evidence.traceId,
    spanIds: [server.spanId, caller.spanId],
    missingSpanId,
    proposedParents: [{ spanId: server.spanId, traceId: evidence.traceId, parentSpanId: caller.spanId }],
    processId: server.processId,
    spanName: server.name,
    title: sentence("rewritten-traceparent.title", args),
    count: 1,
    causes: [{ id: "context-rewritten", certainty: "likely", because: sentence("because.context-rewritten", args) }],
    evidence: [
      evidenceOf("evidence.call-around", { span: caller.name, at: msOf(caller.startTimeUnixNano) }, spanRef(caller)),
      evidenceOf(
        "evidence.names-parent",
        { span: server.name, at: msOf(server.startTimeUnixNano), parent: missingSpanId },
        spanRef(server),
      ),
      evidenceOf("evidence.never-received", { parent: missingSpanId }, missingRef(missingSpanId)),
    ],
    advice: adviceFor(evidence, ["A10"], server, processOfSpan(evidence, server)),
    retractedBy: sentence("retracted-by.parent-arrives"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

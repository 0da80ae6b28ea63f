import { msOf } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import { hasLateFleet } from "../concurrent-roots";
import type { FindingDraft } from "../finding";
import { processOfSpan } from "../late-children";
import { adviceFor, evidenceOf, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { settledAtMs, waiting } from "../settling";
import { type StaleCarrier, staleCarriersOf } from "../stale-carriers";

/** P5: see lib/diagnosis/stale-carriers. */
export const staleCarrier: Check = {
  kind: "stale-carrier",
  find: (evidence) => {
    const stale = staleCarriersOf(evidence);
    if (stale.length === 0) return { findings: [], lookAgainAtMs: ownerMayStillCome(evidence) };
    const settledMs = settledAtMs(evidence);
    if (evidence.nowMs < settledMs) return waiting(settledMs);
    return { findings: stale.map((one) => staleFinding(evidence, one)), lookAgainAtMs: null };
  },
};

/** How long the span that owns the workers may run on, of an SDK that reports it only then. */
const OWNER_WITHIN_MS = 600_000;
const AGAIN_MS = 15_000;

/** Where workers began late and nothing is known around them: looked for again, ever more seldom. */
function ownerMayStillCome(evidence: TraceEvidence): number | null {
  const quietMs = evidence.nowMs - evidence.lastReceivedMs;
  return hasLateFleet(evidence) && quietMs < OWNER_WITHIN_MS ? evidence.nowMs + Math.max(AGAIN_MS, quietMs) : null;
}

function staleFinding(evidence: TraceEvidence, { late: { parent, children, afterMs }, owner }: StaleCarrier): FindingDraft {
  const first = children[0] as (typeof children)[number];
  const args = { span: first.name, parent: parent.name, owner: owner.name, count: children.length };
  return {
    kind: "stale-carrier",
    severity: "warning",
    certainty: "likely",
    subject: parent.spanId,
    service: first.service,
    traceId: evidence.traceId,
    spanIds: children.slice(0, SPAN_IDS_MAX).map(({ spanId }) => spanId),
    missingSpanId: null,
    proposedParents: children.slice(0, SPAN_IDS_MAX).map(({ spanId }) => ({ spanId, traceId: owner.traceId, parentSpanId: owner.spanId })),
    processId: first.processId,
    spanName: first.name,
    title: sentence("stale-carrier.title", args),
    count: children.length,
    causes: [{ id: "stale-carrier", certainty: "likely", because: sentence("because.stale-carrier", args) }],
    evidence: [
      evidenceOf(
        "evidence.ended-before",
        { span: parent.name, duration: afterMs, at: msOf(parent.endTimeUnixNano ?? 0n) },
        spanRef(parent),
      ),
      evidenceOf(
        "evidence.encloses",
        { span: owner.name, at: msOf(owner.startTimeUnixNano), count: children.length },
        enclosingRef(evidence, owner),
      ),
    ],
    advice: adviceFor(evidence, ["A19"], parent, processOfSpan(evidence, parent)),
    retractedBy: sentence("retracted-by.later-end"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

const enclosingRef = (evidence: TraceEvidence, { traceId, spanId }: StaleCarrier["owner"]) =>
  traceId === evidence.traceId ? spanRef({ spanId }) : ({ type: "trace", id: traceId } as const);

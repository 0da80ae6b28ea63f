import { msOf } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import { greatestFirst, type Misfit, misfitsOf } from "../child-times";
import type { Certainty, FindingDraft, RankedCause } from "../finding";
import { processOfSpan } from "../late-children";
import { adviceFor, evidenceOf, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { settledAtMs, waiting } from "../settling";

/**
 * P6: a span that began before its parent, by one clock. Nothing is caused by what comes later, so its start, or its parent, is not true.
 *
 *   handle job            |---------|
 *     wait in queue   |---|                a start given by hand
 *
 * Between hosts it is `clock-skew`.
 */
export const childBeforeParent: Check = {
  kind: "child-before-parent",
  find: (evidence) => {
    const { early } = misfitsOf(evidence);
    if (early.size === 0) return { findings: [], lookAgainAtMs: null };
    const settledMs = settledAtMs(evidence);
    if (evidence.nowMs < settledMs) return waiting(settledMs);
    return { findings: [...early].map(([key, misfits]) => earlyFinding(evidence, key, misfits)), lookAgainAtMs: null };
  },
};

function earlyFinding(evidence: TraceEvidence, subject: string, misfits: Misfit[]): FindingDraft {
  const ordered = greatestFirst(misfits);
  const [first] = ordered;
  const { child, parent, byMs } = first;
  const certainty: Certainty = misfits.some(({ isSameProcess }) => isSameProcess) ? "proved" : "likely";
  const spanIds = ordered.slice(0, SPAN_IDS_MAX).map((one) => one.child.spanId);
  const others = misfits.length > 1 ? misfits.length - 1 : "";
  return {
    kind: "child-before-parent",
    severity: "warning",
    certainty,
    subject,
    service: child.service,
    traceId: evidence.traceId,
    spanIds,
    missingSpanId: null,
    processId: child.processId,
    spanName: child.name,
    title: sentence("child-before-parent.title", { span: child.name, parent: parent.name, duration: byMs, others }),
    count: misfits.length,
    causes: causesOf(first),
    evidence: [
      evidenceOf("evidence.began-at", { span: parent.name, at: msOf(parent.startTimeUnixNano) }, spanRef(parent)),
      ...misfits
        .slice(0, 5)
        .map((one) =>
          evidenceOf(
            "evidence.began-before",
            { span: one.child.name, at: msOf(one.child.startTimeUnixNano), duration: one.byMs },
            spanRef(one.child),
          ),
        ),
    ],
    advice: adviceFor(evidence, ["A20"], child, processOfSpan(evidence, child)),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

/** A start that was given by hand, and a clock that was set back between the two, look alike; what ended before too was moved as a whole. */
function causesOf({ child, parent, isSameProcess }: Misfit): RankedCause[] {
  const endedBefore = child.endTimeUnixNano !== null && child.endTimeUnixNano < parent.startTimeUnixNano;
  const clock = isSameProcess && !endedBefore ? "because.start-by-hand" : "because.start-or-clock";
  return [
    { id: "clock", certainty: "likely", because: sentence(clock) },
    { id: "corrupt-data", certainty: "possible", because: sentence("because.cycle") },
  ];
}

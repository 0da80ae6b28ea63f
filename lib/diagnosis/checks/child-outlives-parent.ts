import { msOf } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import { greatestFirst, type Misfit, misfitsOf } from "../child-times";
import type { FindingDraft } from "../finding";
import { processOfSpan } from "../late-children";
import { adviceFor, evidenceOf, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { settledAtMs, waiting } from "../settling";
import { closedTogether } from "./closed-at-exit";

/**
 * P7: spans that went on after their parent had ended: work that nobody waited for. Often right, so it is info, and one finding for all that
 * one line of code did.
 *
 *   handle upload   |------|
 *     make thumbnail    |---------|
 *
 * What began only after the parent's end is `parent-already-closed`; what an exit handler closed parent first is `closed-at-exit`.
 */
export const childOutlivesParent: Check = {
  kind: "child-outlives-parent",
  find: (evidence) => {
    const { outliving } = misfitsOf(evidence);
    if (outliving.size === 0) return { findings: [], lookAgainAtMs: null };
    // A later end of the parent may take it back.
    const settledMs = settledAtMs(evidence);
    if (evidence.nowMs < settledMs) return waiting(settledMs);
    const atExit = new Set([...closedTogether(evidence).values()].flat());
    const findings = [...outliving].flatMap(([key, misfits]) => {
      const meant = misfits.filter(({ child }) => !atExit.has(child));
      return meant.length === 0 ? [] : [outlivingFinding(evidence, key, meant)];
    });
    return { findings, lookAgainAtMs: null };
  },
};

function outlivingFinding(evidence: TraceEvidence, subject: string, misfits: Misfit[]): FindingDraft {
  const ordered = greatestFirst(misfits);
  const [{ child, parent, byMs }] = ordered;
  const spanIds = ordered.slice(0, SPAN_IDS_MAX).map((one) => one.child.spanId);
  const others = misfits.length > 1 ? misfits.length - 1 : "";
  return {
    kind: "child-outlives-parent",
    severity: "info",
    certainty: misfits.every(({ isSameProcess }) => isSameProcess) ? "proved" : "likely",
    subject,
    service: child.service,
    traceId: evidence.traceId,
    spanIds,
    missingSpanId: null,
    processId: child.processId,
    spanName: child.name,
    title: sentence("child-outlives-parent.title", { span: child.name, parent: parent.name, duration: byMs, others }),
    count: misfits.length,
    causes: [{ id: "fire-and-forget", certainty: "likely", because: sentence("because.fire-and-forget", { parent: parent.name }) }],
    evidence: [
      evidenceOf("evidence.ended-at", { span: parent.name, at: msOf(parent.endTimeUnixNano ?? 0n) }, spanRef(parent)),
      evidenceOf("evidence.ended-at", { span: child.name, at: msOf(child.endTimeUnixNano ?? 0n) }, spanRef(child)),
    ],
    advice: adviceFor(
      evidence,
      misfits.every(({ isSameProcess }) => isSameProcess) ? ["A8"] : ["A3", "A8"],
      child,
      processOfSpan(evidence, child),
    ),
    retractedBy: sentence("retracted-by.later-end"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

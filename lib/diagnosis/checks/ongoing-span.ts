import type { Check, TraceEvidence } from "../check";
import { earliest } from "../earliest";
import { expectedEvidence } from "../expected";
import type { Evidence, FindingDraft } from "../finding";
import { missingParentsOf } from "../missing-parents";
import { type OpenSpan, openSpansOf, startMsOf } from "../open-spans";
import { processSentence } from "../process-state";
import { adviceFor, callSiteText, evidenceOf, missingRef, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";

/**
 * L1: a span that has begun and not ended, and nothing is wrong with that. Its state, not its fault: always info.
 *
 *   import   |.........................          started; no end yet; its process lives
 *     load     |------|
 *
 * L11: the parent of an SDK that reports only ends is open too while its process lives and its children keep coming.
 *
 *   (import)                                     known only by its child
 *     load     |------|
 */
export const ongoingSpan: Check = {
  kind: "ongoing-span",
  find: (evidence) => {
    const open = openSpansOf(evidence).filter(({ state }) => state === "ongoing");
    const inferred = missingParentsOf(evidence).filter(({ verdict }) => verdict === "open");
    return {
      findings: [...open.map((one) => ongoing(evidence, one)), ...inferred.map((one) => inferredOpen(evidence, one))],
      lookAgainAtMs: earliest([...open, ...inferred].map(({ lookAgainAtMs }) => lookAgainAtMs)),
    };
  },
};

const UNTIL_ITS_END = sentence("retracted-by.end");

/** Nothing in it changes while the span just goes on: a trace may have a hundred thousand of these, and is looked at again and again. */
function ongoing(evidence: TraceEvidence, { span, owner, process, usualMs, usualCount, expected }: OpenSpan): FindingDraft {
  const site = callSiteText(evidence.callSites.get(span.spanId));
  const startedAt = startMsOf(span);
  const lines: Evidence[] = [evidenceOf("evidence.started", { span: span.name, at: startedAt, callSite: site ?? "" }, spanRef(span))];
  if (owner) lines.push({ sentence: processSentence(process), ref: processRef(owner) });
  if (usualMs !== null) lines.push(evidenceOf("evidence.usual", { duration: usualMs, count: usualCount }));
  if (expected !== null) lines.push(expectedEvidence(expected));
  return {
    kind: "ongoing-span",
    severity: "info",
    certainty: "proved",
    subject: span.spanId,
    service: span.service,
    traceId: evidence.traceId,
    spanIds: [span.spanId],
    missingSpanId: null,
    processId: owner?.processId ?? span.processId,
    spanName: span.name,
    title: sentence("ongoing-span.title", { process: processLabel(owner), span: span.name, at: startedAt }),
    count: 1,
    causes: [{ id: "running", certainty: "likely", because: sentence("because.running", { at: startedAt }) }],
    evidence: lines,
    advice: [],
    retractedBy: UNTIL_ITS_END,
    lastEvidenceMs: span.records[0]?.receivedMs ?? evidence.firstReceivedMs,
  };
}

type InferredOpen = ReturnType<typeof missingParentsOf>[number];

function inferredOpen(evidence: TraceEvidence, { spanId, children, owner, lastReceivedMs }: InferredOpen): FindingDraft {
  const first = children[0];
  return {
    kind: "ongoing-span",
    severity: "info",
    certainty: "likely",
    subject: spanId,
    service: owner?.service ?? first?.service ?? "",
    traceId: evidence.traceId,
    spanIds: children.slice(0, SPAN_IDS_MAX).map((child) => child.spanId),
    missingSpanId: spanId,
    processId: owner?.processId ?? null,
    spanName: first?.name ?? "",
    title: sentence("ongoing-span.inferred-title", { count: children.length, process: processLabel(owner) }),
    count: 1,
    causes: [{ id: "end-only-sdk", certainty: "likely", because: sentence("because.end-only-sdk", { process: processLabel(owner) }) }],
    evidence: [
      evidenceOf("evidence.children", { count: children.length, name: first?.name ?? "" }, missingRef(spanId)),
      evidenceOf("evidence.child-received", { at: lastReceivedMs }, first ? spanRef(first) : null),
    ],
    advice: adviceFor(evidence, ["A7"], first ?? null, owner),
    retractedBy: sentence("retracted-by.parent-arrives"),
    lastEvidenceMs: lastReceivedMs,
  };
}

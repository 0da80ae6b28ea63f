import type { Check, TraceEvidence } from "../check";
import type { Evidence, FindingDraft, RankedCause } from "../finding";
import { massStopsOf } from "../mass-stops";
import { type OpenSpan, openSpansOf, startMsOf } from "../open-spans";
import { processSentence } from "../process-state";
import { adviceFor, callSiteText, evidenceOf, processLabel, processRef, sentence, spanRef } from "../sentences";

/**
 * L2: open for far longer than its like, in a process that has not ended.
 *
 *   fetch   |--|                        usually ends within two columns
 *   fetch   |..............             and this one does not
 */
export const staleSpan: Check = {
  kind: "stale-span",
  find: (evidence) => {
    // Spans that stopped all at once with their process are one incident: `mass-stop`.
    const stopped = new Set(massStopsOf(evidence).stops.flatMap(({ open }) => open));
    const stale = openSpansOf(evidence).filter((open) => open.state === "stale" && !stopped.has(open));
    let lookAgainAtMs: number | null = null;
    for (const { lookAgainAtMs: at } of stale) if (at !== null && (lookAgainAtMs === null || at < lookAgainAtMs)) lookAgainAtMs = at;
    return { findings: stale.map((open) => staleFinding(evidence, open)), lookAgainAtMs };
  },
};

function staleFinding(evidence: TraceEvidence, open: OpenSpan): FindingDraft {
  const { span, owner, process, usualMs, usualCount, lastActivityMs } = open;
  const startedAt = startMsOf(span);
  const lines: Evidence[] = [
    evidenceOf(
      "evidence.started",
      { span: span.name, at: startedAt, callSite: callSiteText(evidence.callSites.get(span.spanId)) ?? "" },
      spanRef(span),
    ),
    usualMs === null
      ? evidenceOf("evidence.stale-default", { duration: open.staleFromMs })
      : evidenceOf("evidence.usual", { duration: usualMs, count: usualCount }),
    evidenceOf("evidence.last-activity", { at: lastActivityMs }, spanRef(span)),
  ];
  if (owner) lines.push({ sentence: processSentence(process), ref: processRef(owner) });
  return {
    kind: "stale-span",
    severity: "warning",
    certainty: usualMs === null ? "possible" : "likely",
    subject: span.spanId,
    service: span.service,
    traceId: evidence.traceId,
    spanIds: [span.spanId],
    missingSpanId: null,
    processId: owner?.processId ?? span.processId,
    spanName: span.name,
    title: sentence("stale-span.title", { process: processLabel(owner), span: span.name, at: startedAt }),
    count: 1,
    causes: causesOf(evidence, open),
    evidence: lines,
    advice: adviceFor(evidence, ["A1", "A24"], span, owner),
    retractedBy: sentence("retracted-by.end"),
    lastEvidenceMs: lastActivityMs,
  };
}

/** A process that sends other things is not stuck as a whole: then it is more likely that this span is never ended than that its call hangs. */
function causesOf({ nowMs }: TraceEvidence, { owner, lastActivityMs, staleFromMs, ageMs }: OpenSpan): RankedCause[] {
  const hung: RankedCause = {
    id: "hung",
    certainty: "possible",
    because: sentence("because.hung", { process: processLabel(owner), at: lastActivityMs }),
  };
  const neverEnded: RankedCause = {
    id: "never-ended",
    certainty: "possible",
    because: sentence("because.never-ended", { process: processLabel(owner), at: owner?.lastReceivedMs ?? lastActivityMs }),
  };
  const goesOn = owner !== null && owner.lastReceivedMs > lastActivityMs && nowMs - owner.lastReceivedMs < Math.min(staleFromMs, ageMs);
  return goesOn ? [neverEnded, hung] : [hung, neverEnded];
}

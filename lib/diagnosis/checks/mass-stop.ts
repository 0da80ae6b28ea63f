import type { Check, TraceEvidence } from "../check";
import { indexOf } from "../evidence-index";
import type { FindingDraft, RankedCause } from "../finding";
import { type MassStop, massStopsOf } from "../mass-stops";
import { type OpenSpan, startMsOf } from "../open-spans";
import { processSentence } from "../process-state";
import { adviceFor, evidenceOf, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";

/**
 * W7: everything that a process was at stops in one moment, nobody saw it end, and others went on: it hangs as a whole, or it is gone and
 * its connection does not tell.
 *
 *   crawl        |-------------------------------------|   @main
 *     fetch a      |..·..·..·                               @w1
 *     fetch b        |.·..·..                               @w1    silent from here on, with three at work
 *     fetch c           |·..·                               @w1
 *     fetch d      |---|  |----|   |------|  |----|         @w2    goes on
 *
 * One incident, one finding: its spans are not stale besides. Once its process is known to have ended, they are `abandoned-span`.
 */
export const massStop: Check = {
  kind: "mass-stop",
  find: (evidence) => {
    const { stops, lookAgainAtMs } = massStopsOf(evidence);
    return { findings: stops.map((stop) => stopFinding(evidence, stop)), lookAgainAtMs };
  },
};

function stopFinding(evidence: TraceEvidence, stop: MassStop): FindingDraft {
  const { owner, leaves, open, others, certainty } = stop;
  const [first] = leaves as [OpenSpan];
  const at = owner.lastReceivedMs;
  const process = processLabel(owner);
  const state = indexOf(evidence).stateOf(owner);
  const told = new Set(leaves);
  const rest = open.filter((one) => !told.has(one));
  return {
    kind: "mass-stop",
    severity: "error",
    certainty,
    subject: owner.processId,
    service: owner.service,
    traceId: evidence.traceId,
    spanIds: [...leaves, ...rest].slice(0, SPAN_IDS_MAX).map(({ span }) => span.spanId),
    missingSpanId: null,
    processId: owner.processId,
    spanName: first.span.name,
    title: sentence("mass-stop.title", { process, at, count: leaves.length, span: first.span.name, others: others.length }),
    count: leaves.length,
    causes: causesOf(stop, state.state === "alive", process),
    evidence: [
      ...leaves
        .slice(0, 5)
        .map(({ span, lastActivityMs }) =>
          evidenceOf("evidence.at-work", { span: span.name, startAt: startMsOf(span), at: lastActivityMs }, spanRef(span)),
        ),
      evidenceOf("evidence.last-record", { process, at }, processRef(owner)),
      evidenceOf("evidence.never-so-silent", { process, duration: owner.longestPauseMs ?? 0 }),
      ...others
        .slice(0, 3)
        .map((other) => evidenceOf("evidence.went-on", { process: processLabel(other), at: other.lastReceivedMs }, processRef(other))),
      { sentence: processSentence(state), ref: processRef(owner) },
    ],
    advice: adviceFor(evidence, ["A24", "A4"], first.span, owner),
    retractedBy: sentence("retracted-by.process-goes-on"),
    lastEvidenceMs: at,
  };
}

/** While it is seen to be there it hangs; of one that is only silent nobody knows. */
function causesOf({ owner, certainty }: MassStop, isThere: boolean, process: string): RankedCause[] {
  const at = owner.lastReceivedMs;
  const hung: RankedCause = { id: "hung", certainty: "possible", because: sentence("because.frozen", { process, at }) };
  const died: RankedCause = { id: "process-died", certainty: "possible", because: sentence("because.stopped-dead", { process, at }) };
  return isThere ? [{ ...hung, certainty }, died] : [{ ...died, certainty }, hung];
}

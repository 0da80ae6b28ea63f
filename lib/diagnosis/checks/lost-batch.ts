import type { Check, TraceEvidence } from "../check";
import { earliest } from "../earliest";
import { indexOf } from "../evidence-index";
import type { Evidence, FindingDraft, RankedCause } from "../finding";
import { type LostBatch, lostBatchesOf } from "../lost-batches";
import { processSentence } from "../process-state";
import { adviceFor, evidenceOf, missingRef, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { sharedConnections } from "./shared-connection";

/**
 * W15: a batch never arrived, though later ones of the same process did. Its SDK announces each span at its start, in one queue that is left
 * in order of entry (R-PEND, lib/diagnosis/lost-batches): what is known only by what happened in it was announced in a batch that was lost.
 *
 *   job              |------------------|     @w1
 *     (step)                                  @w1     never announced
 *       read           |---|                  @w1     came, and names it
 *     store                    |---|          @w1     later batches came too
 *
 * Said instead of `orphaned-span` and `orphaned-log`, once a process. A failed batch may be tried again for three minutes: until then
 * nothing is said, unless the process has ended.
 */
export const lostBatch: Check = {
  kind: "lost-batch",
  find: (evidence) => {
    const lost = lostBatchesOf(evidence);
    return {
      findings: lost.filter(({ readyMs }) => readyMs <= evidence.nowMs).map((one) => lostFinding(evidence, one)),
      lookAgainAtMs: earliest(lost.flatMap(({ readyMs, finalMs }) => [readyMs, finalMs]).filter((ms) => ms > evidence.nowMs)),
    };
  },
};

function lostFinding(evidence: TraceEvidence, lost: LostBatch): FindingDraft {
  const { process, missing, unstarted, children, certainty, lastToldMs } = lost;
  const about = children[0] ?? unstarted[0] ?? null;
  const causes = causesOf(evidence, lost);
  const count = missing.length + unstarted.length;
  return {
    kind: "lost-batch",
    severity: "error",
    certainty,
    subject: process.processId,
    service: process.service,
    traceId: evidence.traceId,
    spanIds: [...children, ...unstarted].slice(0, SPAN_IDS_MAX).map(({ spanId }) => spanId),
    missingSpanId: missing[0] ?? null,
    processId: process.processId,
    spanName: about?.name ?? "",
    title: sentence("lost-batch.title", { process: processLabel(process), count, at: lost.firstToldMs }),
    count,
    causes,
    evidence: linesOf(evidence, lost),
    advice: adviceFor(evidence, ["A9", "A15", "A14"], about, process),
    retractedBy: sentence("retracted-by.batch-arrives"),
    lastEvidenceMs: lastToldMs,
  };
}

/** A connection that other processes write into is the usual way to lose one batch of many (wire.md W8, W9). */
function causesOf(evidence: TraceEvidence, { process, certainty }: LostBatch): RankedCause[] {
  const args = { process: processLabel(process) };
  const lost: RankedCause = { id: "batch-lost", certainty, because: sentence("because.start-lost", args) };
  const filtered: RankedCause = { id: "filtered", certainty: "possible", because: sentence("because.filtered") };
  const isSharing = process.connections.some(({ connectionId }) => sharedConnections(evidence).has(connectionId));
  if (!isSharing) return [lost, filtered];
  const shared: RankedCause = { id: "shared-connection", certainty: "likely", because: sentence("because.wrote-into-each-other", args) };
  return [shared, lost];
}

const SHOWN_MAX = 3;

function linesOf(evidence: TraceEvidence, { process, missing, unstarted, children, logCount, lastToldMs }: LostBatch): Evidence[] {
  const lines: Evidence[] = [];
  const [first] = missing;
  if (children[0] && first !== undefined) {
    lines.push(evidenceOf("evidence.children", { count: children.length, name: children[0].name }, missingRef(first)));
  }
  if (logCount > 0 && first !== undefined) lines.push(evidenceOf("evidence.logged", { count: logCount }, { type: "log", id: first }));
  for (const span of unstarted.slice(0, SHOWN_MAX)) {
    lines.push(
      evidenceOf("evidence.end-without-start", { span: span.name, at: Number(span.startTimeUnixNano / 1_000_000n) }, spanRef(span)),
    );
  }
  lines.push(
    evidenceOf("evidence.told-of-later", { process: processLabel(process), at: lastToldMs }, processRef(process)),
    evidenceOf("evidence.last-record", { process: processLabel(process), at: process.lastReceivedMs }, processRef(process)),
    { sentence: processSentence(indexOf(evidence).stateOf(process)), ref: processRef(process) },
  );
  return lines;
}

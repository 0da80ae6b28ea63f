import type { Span } from "@/lib/otel/span";
import { msOf } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import { indexOf, templateOf } from "../evidence-index";
import type { Evidence, FindingDraft, RankedCause } from "../finding";
import { startMsOf } from "../open-spans";
import { ownersOf } from "../owners";
import type { ProcessEvidence } from "../process-evidence";
import { processSentence } from "../process-state";
import { adviceFor, evidenceOf, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { settledAtMs, waiting } from "../settling";
import { isSwept } from "../swept-spans";

/**
 * L8: nobody ended these spans; a sweeper did, and says so: Erlang's `finished_by_sweeper`, the partial-span Collector's `partial.gc`,
 * zipkin4net's `flush.timeout`, Brave's `brave.flush` …
 *
 *   import orders   |----------------------------✂|     ended by the sweeper, not by the program
 *   read page         |..........................✂      given up unfinished: no end will come
 *
 * Their end, if they have one, is the sweeper's, not the work's.
 */
export const closedBySweeper: Check = {
  kind: "closed-by-sweeper",
  find: (evidence) => {
    const swept = sweptIn(evidence);
    if (swept.size === 0) return { findings: [], lookAgainAtMs: null };
    // The program's own end may be on its way beside the sweeper's.
    const settledMs = settledAtMs(evidence);
    if (evidence.nowMs < settledMs) return waiting(settledMs);
    return { findings: [...swept].map(([subject, likes]) => sweptFinding(evidence, subject, likes)), lookAgainAtMs: null };
  },
};

interface Swept {
  span: Span;
  owner: ProcessEvidence | null;
}

/** By process and name, in reading order. */
function sweptIn(evidence: TraceEvidence): Map<string, Swept[]> {
  const { spans, tree } = evidence;
  const byLikes = new Map<string, Swept[]>();
  if (!spans.some(isSwept)) return byLikes;
  const owners = ownersOf(evidence);
  for (const node of tree.order) {
    const span = spans[node];
    if (!span || !isSwept(span)) continue;
    const key = `${span.processId} ${templateOf(span.name)}`;
    const swept = { span, owner: owners.ofNode(node) };
    const likes = byLikes.get(key);
    if (likes) likes.push(swept);
    else byLikes.set(key, [swept]);
  }
  return byLikes;
}

function sweptFinding(evidence: TraceEvidence, subject: string, likes: Swept[]): FindingDraft {
  const [{ span, owner }] = likes as [Swept];
  const isEnded = span.endTimeUnixNano !== null;
  const at = isEnded ? msOf(span.endTimeUnixNano ?? 0n) : Math.max(...span.records.map(({ receivedMs }) => receivedMs));
  const args = { process: processLabel(owner), span: span.name, count: likes.length, startAt: startMsOf(span), at };
  return {
    kind: "closed-by-sweeper",
    severity: "warning",
    certainty: "proved",
    subject,
    service: span.service,
    traceId: evidence.traceId,
    spanIds: likes.slice(0, SPAN_IDS_MAX).map((one) => one.span.spanId),
    missingSpanId: null,
    processId: owner?.processId ?? span.processId,
    spanName: span.name,
    title: sentence(isEnded ? "closed-by-sweeper.title" : "closed-by-sweeper.unfinished-title", args),
    count: likes.length,
    causes: causesOf(evidence, likes),
    evidence: linesOf(evidence, likes),
    advice: adviceFor(evidence, ["A1", "A6"], span, owner),
    retractedBy: sentence("retracted-by.own-end"),
    lastEvidenceMs: Math.max(...span.records.map(({ receivedMs }) => receivedMs)),
  };
}

/** What made the sweeper come: the code forgot the span, or its process was not there any more to end it. */
function causesOf(evidence: TraceEvidence, likes: Swept[]): RankedCause[] {
  const [{ span, owner }] = likes as [Swept];
  const janitor: RankedCause = { id: "janitor", certainty: "proved", because: sentence("because.janitor") };
  const forgotten: RankedCause = { id: "never-ended", certainty: "possible", because: sentence("because.left-open", { span: span.name }) };
  const state = owner === null ? null : indexOf(evidence).stateOf(owner);
  if (owner === null || state?.state !== "ended") return [janitor, forgotten];
  const args = { process: processLabel(owner), at: state.endedMs ?? owner.lastReceivedMs };
  return [janitor, forgotten, { id: "process-died", certainty: "possible", because: sentence("because.process-died", args) }];
}

function linesOf(evidence: TraceEvidence, likes: Swept[]): Evidence[] {
  const [{ owner }] = likes as [Swept];
  const lines = likes.slice(0, 5).map(({ span }) => {
    if (span.endTimeUnixNano === null) return evidenceOf("evidence.given-up", { span: span.name, startAt: startMsOf(span) }, spanRef(span));
    const args = { span: span.name, startAt: startMsOf(span), at: msOf(span.endTimeUnixNano) };
    return evidenceOf("evidence.swept", args, spanRef(span));
  });
  if (owner) lines.push({ sentence: processSentence(indexOf(evidence).stateOf(owner)), ref: processRef(owner) });
  return lines;
}

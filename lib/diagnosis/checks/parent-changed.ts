import { MARKS, type Span, type SpanRecord } from "@/lib/otel/span";
import type { Check, TraceEvidence } from "../check";
import { templateOf } from "../evidence-index";
import type { Evidence, FindingDraft, RankedCause } from "../finding";
import { processOfSpan } from "../late-children";
import { once } from "../once";
import { adviceFor, evidenceOf, requestRef, SPAN_IDS_MAX, sentence } from "../sentences";
import { settledAtMs, waiting } from "../settling";
import { sharedIdsOf } from "../shared-ids";

/**
 * P1: a span's start names another parent than its end. Both were received; the end's is shown.
 *
 *   accept    |------------------|
 *     handle    |....                     said at its start
 *   handle    <- (caller)   |---|         said at its end
 *
 * A Logfire pending names the real span as its parent and the real parent in an attribute; lib/otlp/dialects has undone that (wire.md §2.1).
 */
export const parentChanged: Check = {
  kind: "parent-changed",
  find: (evidence) => {
    const changed = changedParents(evidence);
    if (changed.length === 0) return { findings: [], lookAgainAtMs: null };
    // Another span of the same id may still come: then these are two spans, not one that moved (duplicate-span-id).
    const settledMs = settledAtMs(evidence);
    if (evidence.nowMs < settledMs) return waiting(settledMs);
    return { findings: byLikeness(changed).map((like) => changedFinding(evidence, like)), lookAgainAtMs: null };
  },
};

interface Changed {
  span: Span;
  start: SpanRecord;
  end: SpanRecord;
}

const changedParents = once((evidence): Changed[] =>
  evidence.spans.flatMap((span) => {
    if (span.records.length < 2 || span.endTimeUnixNano === null) return [];
    const start = span.records.find((record) => record.phase !== "end");
    if (!start || start.parentSpanId === span.parentSpanId || sharedIdsOf(evidence).has(span.spanId)) return [];
    const end = span.records.find((record) => record.endTimeUnixNano === span.endTimeUnixNano);
    return end && speakOfOneSpan(start, end) && sayTheirParent(start, end) ? [{ span, start, end }] : [];
  }),
);

/** Another process, or another start, would be a forked copy or a cloned id. */
const speakOfOneSpan = (start: SpanRecord, end: SpanRecord): boolean =>
  start.processId === end.processId && start.startTimeUnixNano === end.startTimeUnixNano;

/** An id of wrong length was read as no parent; a later part of a Zipkin span may leave out what the first said (wire.md §7.5). */
function sayTheirParent(start: SpanRecord, end: SpanRecord): boolean {
  if (((start.marks | end.marks) & MARKS.referenceInvalid) !== 0) return false;
  return end.dialect !== "zipkin" || (start.parentSpanId !== null && end.parentSpanId !== null);
}

type Way = "moved" | "gained" | "lost";

const wayOf = ({ start, end }: Changed): Way => (start.parentSpanId === null ? "gained" : end.parentSpanId === null ? "lost" : "moved");
const likenessOf = (one: Changed): string => `${wayOf(one)} ${one.span.service} ${templateOf(one.span.name)}`;

/** What re-parents one span re-parents all of its like: said once. */
function byLikeness(changed: readonly Changed[]): Changed[][] {
  const groups = new Map<string, Changed[]>();
  for (const one of changed) {
    const like = groups.get(likenessOf(one));
    if (like) like.push(one);
    else groups.set(likenessOf(one), [one]);
  }
  return [...groups.values()];
}

function changedFinding(evidence: TraceEvidence, like: Changed[]): FindingDraft {
  const [first] = like as [Changed];
  const { span, start, end } = first;
  const args = {
    span: span.name,
    before: nameOf(evidence, start.parentSpanId),
    after: nameOf(evidence, end.parentSpanId),
    others: like.length > 1 ? like.length - 1 : "",
  };
  return {
    kind: "parent-changed",
    severity: "warning",
    certainty: "proved",
    subject: likenessOf(first),
    service: span.service,
    traceId: evidence.traceId,
    spanIds: like.slice(0, SPAN_IDS_MAX).map(({ span: { spanId } }) => spanId),
    missingSpanId: null,
    processId: span.processId,
    spanName: span.name,
    title: sentence(`parent-changed.${wayOf(first)}-title`, args),
    count: like.length,
    causes: causesOf(first),
    evidence: like.slice(0, 3).flatMap(linesOf),
    advice: adviceFor(evidence, ["A27"], span, processOfSpan(evidence, span)),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: Math.max(...like.slice(0, SPAN_IDS_MAX).map((one) => Math.max(one.start.receivedMs, one.end.receivedMs))),
  };
}

const nameOf = ({ spans }: TraceEvidence, spanId: string | null): string =>
  spanId === null ? "" : spans.find((span) => span.spanId === spanId)?.name || spanId;

function causesOf(changed: Changed): RankedCause[] {
  const way = wayOf(changed);
  return [
    { id: "reparented", certainty: "likely", because: sentence(way === "gained" ? "because.reparented-late" : "because.reparented") },
    { id: "corrupt-data", certainty: "possible", because: sentence("because.cycle") },
  ];
}

const linesOf = ({ span, start, end }: Changed): Evidence[] => [
  start.parentSpanId === null
    ? evidenceOf("evidence.start-names-none", { span: span.name, at: start.receivedMs }, requestRef(start))
    : evidenceOf("evidence.start-names", { span: span.name, at: start.receivedMs, parent: start.parentSpanId }, requestRef(start)),
  end.parentSpanId === null
    ? evidenceOf("evidence.end-names-none", { span: span.name, at: end.receivedMs }, requestRef(end))
    : evidenceOf("evidence.end-names", { span: span.name, at: end.receivedMs, parent: end.parentSpanId }, requestRef(end)),
];

import { MARKS, type Span, type SpanRecord } from "@/lib/otel/span";
import { isSaneTime, msBetween, msOf, type UnixNano } from "@/lib/otel/time";
import type { Carriers } from "@/lib/span-tree/believed-end";
import type { Check, TraceEvidence } from "../check";
import { indexOf, templateOf } from "../evidence-index";
import type { FindingDraft, RankedCause, Sentence } from "../finding";
import { carriersOf, isForeignEnd } from "../foreign-ends";
import type { ProcessEvidence } from "../process-evidence";
import { adviceFor, evidenceOf, processLabel, requestRef, SPAN_IDS_MAX, sentence } from "../sentences";
import { settledAtMs, waiting } from "../settling";

/**
 * L6: one span was reported to end several times, each time otherwise.
 *
 *   charge card   |------------|             @pay    the first end
 *   charge card   |--------------------|     @pay    and another one of the very same span
 *
 * Not an end that a forked child sent of its copy (`false-close`), not several spans under one id (`duplicate-span-id`, Zipkin's two sides
 * of a call), not signs of life that look like ends (Datadog's partial versions, heartbeats), not a sweeper's end (`closed-by-sweeper`).
 * The same end received again is no finding at all: a retry, or a second pipeline.
 */
export const divergentEnds: Check = {
  kind: "divergent-ends",
  find: (evidence) => {
    const divergent = divergentIn(evidence);
    if (divergent.length === 0) return { findings: [], lookAgainAtMs: null };
    // What explains an end may come after it.
    const settledMs = settledAtMs(evidence);
    if (evidence.nowMs < settledMs) return waiting(settledMs);
    const byLikes = new Map<string, Divergent[]>();
    for (const one of divergent) {
      const key = `${one.span.processId} ${templateOf(one.span.name)}`;
      const likes = byLikes.get(key);
      if (likes) likes.push(one);
      else byLikes.set(key, [one]);
    }
    return { findings: [...byLikes].map(([subject, likes]) => divergentFinding(evidence, subject, likes)), lookAgainAtMs: null };
  },
};

interface Divergent {
  span: Span;
  /** One report of each different end, the earliest first. */
  ends: SpanRecord[];
}

function divergentIn(evidence: TraceEvidence): Divergent[] {
  const suspects = evidence.spans.filter(hasSeveralEnds);
  if (suspects.length === 0) return [];
  const shared = new Set<string>();
  for (const { spanId, variant } of evidence.spans) if (variant > 0) shared.add(spanId);
  return suspects.flatMap((span) => {
    if (shared.has(span.spanId)) return [];
    const ends = differentEnds(span.records.filter((record) => isOwnEnd(record, span, carriersOf(evidence))));
    return ends.length > 1 ? [{ span, ends }] : [];
  });
}

/** The cheap look that nearly every span ends with: two ends that are not the same. */
function hasSeveralEnds({ records }: Span): boolean {
  if (records.length < 2) return false;
  let first: SpanRecord | null = null;
  for (const record of records) {
    if (record.phase !== "end") continue;
    if (first === null) first = record;
    else if (record.endTimeUnixNano !== first.endTimeUnixNano || record.statusCode !== first.statusCode) return true;
  }
  return false;
}

/** An end that the program itself gave this span. A heartbeat emitter's `stop` comes beside the SDK's own end, and may be cut otherwise. */
function isOwnEnd(record: SpanRecord, { kind, service }: Span, carriers: Carriers): boolean {
  const { phase, dialect, marks, endTimeUnixNano } = record;
  if (phase !== "end" || endTimeUnixNano === null || !isSaneTime(endTimeUnixNano)) return false;
  if (dialect === "partial-event" || dialect === "datadog-partial" || (marks & MARKS.closedByJanitor) !== 0) return false;
  return record.kind === kind && record.service === service && !isForeignEnd(record, carriers);
}

/** Less than this apart, two readings of one end are one: a second pipeline may count µs or ms (Zipkin, Jaeger). */
const GRAIN_MS = 1;

/** One report of each moment and outcome, the earliest first. */
function differentEnds(ends: SpanRecord[]): SpanRecord[] {
  ends.sort((a, b) => compare(endOf(a), endOf(b)));
  const different: SpanRecord[] = [];
  let outcomes = new Set<string>();
  for (const end of ends) {
    const last = different.at(-1);
    if (!last || msBetween(endOf(last), endOf(end)) >= GRAIN_MS) outcomes = new Set();
    if (outcomes.has(end.statusCode)) continue;
    outcomes.add(end.statusCode);
    different.push(end);
  }
  return different;
}

const endOf = (record: SpanRecord): UnixNano => record.endTimeUnixNano ?? 0n;
const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

function divergentFinding(evidence: TraceEvidence, subject: string, likes: Divergent[]): FindingDraft {
  const [{ span, ends }] = likes as [Divergent];
  const owner = indexOf(evidence).processOf(span.processId);
  const causes = causesOf(evidence, owner, likes);
  const isForked = causes[0]?.id === "forked-copy";
  return {
    kind: "divergent-ends",
    severity: "warning",
    certainty: likes.every(isOneSpan) ? "proved" : "likely",
    subject,
    service: span.service,
    traceId: evidence.traceId,
    spanIds: likes.slice(0, SPAN_IDS_MAX).map(({ span: { spanId } }) => spanId),
    missingSpanId: null,
    processId: span.processId,
    spanName: span.name,
    title: titleOf(likes, processLabel(owner)),
    count: likes.length,
    causes,
    evidence: ends
      .slice(0, 10)
      .map((end) =>
        evidenceOf("evidence.one-end", { at: msOf(endOf(end)), status: end.statusCode, receivedAt: end.receivedMs }, requestRef(end)),
      ),
    advice: adviceFor(evidence, isForked ? ["A5"] : ["A28"], span, owner),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: Math.max(...ends.map(({ receivedMs }) => receivedMs)),
  };
}

/** One process said all of it, of one name and one start: there is no other reading than that one span ended several times. */
const isOneSpan = ({ span, ends }: Divergent): boolean =>
  ends.every(
    ({ processId, name, startTimeUnixNano }) =>
      processId === span.processId && name === span.name && startTimeUnixNano === span.startTimeUnixNano,
  );

function titleOf(likes: Divergent[], process: string): Sentence {
  const [{ span, ends }] = likes as [Divergent];
  const duration = Math.max(...likes.map(apartMs));
  if (likes.length > 1) return sentence("divergent-ends.many-title", { process, span: span.name, count: likes.length, duration });
  const statuses = [...new Set(ends.map(({ statusCode }) => statusCode))].sort().join(", ");
  if (duration < GRAIN_MS) return sentence("divergent-ends.status-title", { process, span: span.name, count: ends.length, statuses });
  const at = msOf(span.endTimeUnixNano ?? endOf(ends.at(-1) as SpanRecord));
  return sentence("divergent-ends.title", { process, span: span.name, count: ends.length, duration, at });
}

const apartMs = ({ ends }: Divergent): number => msBetween(endOf(ends[0] as SpanRecord), endOf(ends.at(-1) as SpanRecord));

/** Where a program may have forked and the ends came on different ways, a copy may have sent one under its parent's identity (wire.md §2.5). */
function causesOf(evidence: TraceEvidence, owner: ProcessEvidence | null, likes: Divergent[]): RankedCause[] {
  const [{ span, ends }] = likes as [Divergent];
  const process = processLabel(owner);
  const again: RankedCause = {
    id: "corrupt-data",
    certainty: "likely",
    because: sentence("because.ended-again", { process, span: span.name }),
  };
  const sdk = owner === null ? null : indexOf(evidence).sdkOf(owner);
  const onSeveralWays = new Set(ends.map(({ connectionId }) => connectionId)).size > 1;
  if (!sdk?.mayFork || !onSeveralWays) return [again];
  const forked: RankedCause = {
    id: "forked-copy",
    certainty: sdk.flushesAtForkExit ? "likely" : "possible",
    because: sentence("because.forked-copy-perhaps", { process }),
  };
  return sdk.flushesAtForkExit ? [forked, { ...again, certainty: "possible" }] : [{ ...again, certainty: "possible" }, forked];
}

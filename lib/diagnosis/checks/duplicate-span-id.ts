import type { Span } from "@/lib/otel/span";
import { msOf } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import type { FindingDraft, RankedCause } from "../finding";
import { adviceFor, evidenceOf, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";

/**
 * P12: one id stands for several spans.
 *
 *   simulate oslo   |--------|      @w1   id 1
 *   simulate lima   |----------|    @w2   id 1
 *
 * Not the two sides of a call in Zipkin, not the copies of a forked child (they are the same span), not a report that came twice.
 */
export const duplicateSpanId: Check = {
  kind: "duplicate-span-id",
  find: (evidence) => {
    const duplicated = duplicatedIds(evidence.spans);
    return { findings: duplicated.length === 0 ? [] : [duplicateFinding(evidence, duplicated)], lookAgainAtMs: null };
  },
};

/** The spans of each id that several spans share, other than the two sides of one call (wire.md §7.5). */
export function duplicatedIds(spans: readonly Span[]): Span[][] {
  const ids = new Set<string>();
  for (const { spanId, variant } of spans) if (variant > 0) ids.add(spanId);
  if (ids.size === 0) return [];
  const byId = new Map<string, Span[]>();
  for (const span of spans) {
    if (!ids.has(span.spanId)) continue;
    const variants = byId.get(span.spanId);
    if (variants) variants.push(span);
    else byId.set(span.spanId, [span]);
  }
  const duplicated = [...byId.values()].filter((variants) => !isSharedByCall(variants));
  // By start, so that the first is the same however the records came.
  for (const variants of duplicated) variants.sort(byStart);
  return duplicated.sort(([a], [b]) => byStart(a as Span, b as Span));
}

const byStart = (a: Span, b: Span): number =>
  a.startTimeUnixNano === b.startTimeUnixNano ? (a.spanId < b.spanId ? -1 : 1) : a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1;

const isSharedByCall = (variants: Span[]): boolean =>
  variants.length === 2 && variants.some(({ kind }) => kind === "server") && variants.some(({ kind }) => kind !== "server");

function duplicateFinding(evidence: TraceEvidence, duplicated: Span[][]): FindingDraft {
  const most = duplicated.reduce((a, b) => (b.length > a.length ? b : a));
  const [first, second] = most as [Span, Span];
  const process = evidence.processes.get(first.processId) ?? null;
  const processes = new Set(most.map(({ processId }) => processId)).size;
  const cloned: RankedCause = {
    id: "cloned-id-generator",
    certainty: "likely",
    because: sentence(processes > 1 ? "because.cloned-in-processes" : "because.cloned-in-process", { count: duplicated.length, processes }),
  };
  return {
    kind: "duplicate-span-id",
    severity: "warning",
    certainty: "proved",
    subject: "ids",
    service: first.service,
    traceId: evidence.traceId,
    spanIds: duplicated.slice(0, SPAN_IDS_MAX).map((variants) => (variants[0] as Span).spanId),
    missingSpanId: null,
    processId: first.processId,
    spanName: first.name,
    title: sentence("duplicate-span-id.title", { count: duplicated.length, first: first.name, second: second.name }),
    count: duplicated.length,
    causes: [cloned, { id: "corrupt-data", certainty: "possible", because: sentence("because.corrupt-ids") }],
    evidence: most
      .slice(0, 5)
      .map((span) => evidenceOf("evidence.same-id", { id: span.spanId, span: span.name, at: msOf(span.startTimeUnixNano) }, spanRef(span))),
    advice: adviceFor(evidence, ["A23"], first, process),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: Math.max(...most.flatMap(({ records }) => records.map(({ receivedMs }) => receivedMs))),
  };
}

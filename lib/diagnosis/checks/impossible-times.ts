import { MARKS, type Span } from "@/lib/otel/span";
import { msBetween } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import type { Evidence, FindingDraft, RankedCause } from "../finding";
import { adviceFor, evidenceOf, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";

/**
 * L13: times that cannot be: an end before its start, a start at zero, a moment past 2262.
 *
 *   sync       |---|         its end was reported before its start
 */
export const impossibleTimes: Check = {
  kind: "impossible-times",
  find: (evidence) => {
    const byFault = new Map<string, Span[]>();
    for (const span of evidence.spans) {
      const fault = faultOf(span);
      if (fault === null) continue;
      const key = `${fault} ${span.service}`;
      const spans = byFault.get(key);
      if (spans) spans.push(span);
      else byFault.set(key, [span]);
    }
    return { findings: [...byFault].map(([subject, spans]) => timesFinding(evidence, subject, spans)), lookAgainAtMs: null };
  },
};

type Fault = "start-zero" | "beyond-2262" | "end-before-start";

function faultOf({ marks, startTimeUnixNano, endTimeUnixNano }: Span): Fault | null {
  if ((marks & MARKS.startTimeZero) !== 0) return "start-zero";
  if ((marks & MARKS.timeBeyond2262) !== 0) return "beyond-2262";
  return endTimeUnixNano !== null && endTimeUnixNano < startTimeUnixNano ? "end-before-start" : null;
}

function timesFinding(evidence: TraceEvidence, subject: string, spans: Span[]): FindingDraft {
  const [first] = spans as [Span];
  const fault = faultOf(first) as Fault;
  return {
    kind: "impossible-times",
    severity: "warning",
    certainty: "proved",
    subject,
    service: first.service,
    traceId: evidence.traceId,
    spanIds: spans.slice(0, SPAN_IDS_MAX).map((span) => span.spanId),
    missingSpanId: null,
    processId: first.processId,
    spanName: first.name,
    title: sentence(`impossible-times.${fault}-title`, { count: spans.length, span: first.name }),
    count: spans.length,
    causes: causesOf(fault),
    evidence: spans.slice(0, 5).map((span) => lineOf(span, fault)),
    advice: adviceFor(evidence, ["A20"], first, evidence.processes.get(first.processId) ?? null),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: Math.max(...spans.slice(0, SPAN_IDS_MAX).flatMap(({ records }) => records.map(({ receivedMs }) => receivedMs))),
  };
}

function lineOf(span: Span, fault: Fault): Evidence {
  if (fault !== "end-before-start") return evidenceOf(`evidence.${fault}`, { span: span.name }, spanRef(span));
  const duration = span.endTimeUnixNano === null ? 0 : msBetween(span.endTimeUnixNano, span.startTimeUnixNano);
  return evidenceOf("evidence.end-before-start", { span: span.name, duration }, spanRef(span));
}

/** A clock that was set back while the span ran ends it before its start; zeros and the far future come from a broken exporter. */
function causesOf(fault: Fault): RankedCause[] {
  const clock: RankedCause = { id: "clock", certainty: "likely", because: sentence("because.clock-stepped") };
  const corrupt: RankedCause = { id: "corrupt-data", certainty: "likely", because: sentence("because.corrupt-times") };
  return fault === "end-before-start" ? [clock, { ...corrupt, certainty: "possible" }] : [corrupt];
}

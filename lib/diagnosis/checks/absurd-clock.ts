import type { Span } from "@/lib/otel/span";
import { type ArrivalDelays, arrivalDelaysOf, toldMsOf } from "../arrival-delays";
import type { Check, TraceEvidence } from "../check";
import { indexOf } from "../evidence-index";
import type { Evidence, FindingDraft, RankedCause } from "../finding";
import { adviceFor, evidenceOf, processLabel, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";

/**
 * T2: moments that cannot be by this server's clock: more than an hour in the future when they arrive, or more than a day in the past from a
 * process that keeps pace with us, or from before there was OpenTelemetry.
 *
 *   query   |----|                       its end …
 *   here             ▾ 12:00             … arrives here at noon, and says 15:20
 *
 * The finding is about a process's clock and belongs to no trace. Received times are never changed. Old data that merely arrives late is
 * `late-data`.
 */
export const absurdClock: Check = {
  kind: "absurd-clock",
  find: (evidence) => {
    const findings: FindingDraft[] = [];
    for (const delays of arrivalDelaysOf(evidence).values()) {
      const fault = absurdityOf(evidence, delays);
      if (fault !== null) findings.push(absurdFinding(evidence, delays, fault));
    }
    return { findings, lookAgainAtMs: null };
  },
};

export type Absurdity = "ahead" | "behind" | "before";

/** wire.md T2. */
const AHEAD_MS = 3_600_000;
const BEHIND_MS = 86_400_000;
/** OpenTelemetry was founded in May 2019: nothing recorded with it is older. */
const OPENTELEMETRY_MS = Date.UTC(2019, 4, 1);
/** A batch leaves at most this long after its delay ran out, and so much jitter there is between two clocks. */
const SLACK_MS = 500;

/** What is wrong with the clock of a process, as far as this trace shows it, or null. */
export function absurdityOf(evidence: TraceEvidence, delays: ArrivalDelays): Absurdity | null {
  if (delays.leastMs < -AHEAD_MS) return "ahead";
  if (delays.mostMs <= BEHIND_MS) return null;
  if (delays.earliestMs < OPENTELEMETRY_MS) return "before";
  return delays.leastMs > BEHIND_MS && keepsPace(evidence, delays) ? "behind" : null;
}

/** As much time passes between its records as between their arrivals: it is running now, and its clock is wrong. Stored data comes faster. */
function keepsPace(evidence: TraceEvidence, { processId, first, last, requestId }: ArrivalDelays): boolean {
  const process = indexOf(evidence).processOf(processId);
  if (process === null || requestId !== null) return false;
  const graceMs = indexOf(evidence).sdkOf(process).batchDelayMs + SLACK_MS;
  const [hereMs, thereMs] = [last.receivedMs - first.receivedMs, last.toldMs - first.toldMs];
  return hereMs >= 3 * graceMs && Math.abs(hereMs - thereMs) <= graceMs;
}

function absurdFinding(evidence: TraceEvidence, delays: ArrivalDelays, fault: Absurdity): FindingDraft {
  const process = indexOf(evidence).processOf(delays.processId);
  const spans = absurdSpans(evidence, delays, fault);
  const [first] = spans as [Span];
  const duration = Math.abs(fault === "ahead" ? delays.leastMs : delays.mostMs);
  const args = { process: processLabel(process), host: process?.host ?? "", duration };
  return {
    kind: "absurd-clock",
    severity: "warning",
    certainty: fault === "behind" ? "likely" : "proved",
    subject: `${fault} ${first.service} ${process?.host ?? delays.processId}`,
    service: first.service,
    traceId: null,
    spanIds: spans.slice(0, SPAN_IDS_MAX).map(({ spanId }) => spanId),
    missingSpanId: null,
    processId: delays.processId,
    spanName: "",
    title: sentence(`absurd-clock.${fault}-title`, args),
    count: spans.length,
    causes: causesOf(evidence, delays, fault),
    evidence: linesOf(evidence, spans, delays, fault),
    advice: adviceFor(evidence, ["A20"], first, process),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: delays.last.receivedMs,
  };
}

function absurdSpans({ spans }: TraceEvidence, { processId }: ArrivalDelays, fault: Absurdity): Span[] {
  const isAbsurd = (toldMs: number, receivedMs: number) => {
    if (fault === "ahead") return toldMs - receivedMs > AHEAD_MS;
    return fault === "before" ? toldMs < OPENTELEMETRY_MS : receivedMs - toldMs > BEHIND_MS;
  };
  return spans.filter(({ records }) =>
    records.some((record) => {
      const toldMs = record.processId === processId ? toldMsOf(record) : null;
      return toldMs !== null && isAbsurd(toldMs, record.receivedMs);
    }),
  );
}

/** A clock is wrong for all that it stamps; single moments were written by the program, or in another unit than ns. */
function causesOf(evidence: TraceEvidence, delays: ArrivalDelays, fault: Absurdity): RankedCause[] {
  const label = processLabel(indexOf(evidence).processOf(delays.processId));
  const isAlike = fault === "ahead" ? delays.mostMs - delays.leastMs < AHEAD_MS : keepsPace(evidence, delays);
  const clock: RankedCause = {
    id: "clock",
    certainty: isAlike ? "likely" : "possible",
    because: sentence("because.clock-wrong", { process: label }),
  };
  const byHand: RankedCause = {
    id: "corrupt-data",
    certainty: isAlike ? "possible" : "likely",
    because: sentence("because.times-by-hand", { process: label }),
  };
  return isAlike ? [clock, byHand] : [byHand, clock];
}

function linesOf(evidence: TraceEvidence, spans: Span[], { first, last }: ArrivalDelays, fault: Absurdity): Evidence[] {
  const lines = spans.slice(0, 5).flatMap((span) => {
    const record = span.records.findLast((one) => toldMsOf(one) !== null);
    if (!record) return [];
    const toldMs = toldMsOf(record) ?? 0;
    const args = { span: span.name, at: record.receivedMs, duration: Math.abs(record.receivedMs - toldMs) };
    return [evidenceOf(fault === "ahead" ? "evidence.from-the-future" : "evidence.from-the-past", args, spanRef(span))];
  });
  if (fault === "behind") lines.push(evidenceOf("evidence.keeps-pace", { duration: last.receivedMs - first.receivedMs }));
  return [...lines, evidenceOf("evidence.in-trace", {}, { type: "trace", id: evidence.traceId })];
}

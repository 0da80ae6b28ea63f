import type { Span } from "@/lib/otel/span";
import { type ArrivalDelays, arrivalDelaysOf, toldMsOf } from "../arrival-delays";
import type { Check, TraceEvidence } from "../check";
import { indexOf } from "../evidence-index";
import type { Evidence, FindingDraft, RankedCause } from "../finding";
import { adviceFor, evidenceOf, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { absurdityOf } from "./absurd-clock";

/**
 * T3: spans that arrived long after they had ended: they waited for a retry, on a disk, or in a runtime that was frozen. A note, not a
 * fault: whatever was said of their absence has been taken back.
 *
 *   handle order   |------|                            ▸●    arrived four minutes later
 *     pay            |--|  ▸●                                arrived at once: so it is not the clock
 */
export const lateData: Check = {
  kind: "late-data",
  find: (evidence) => {
    const findings: FindingDraft[] = [];
    for (const delays of arrivalDelaysOf(evidence).values()) {
      const late = latenessOf(evidence, delays);
      if (late !== null) findings.push(lateFinding(evidence, delays, late));
    }
    return { findings, lookAgainAtMs: null };
  },
};

/** wire.md T3: later than ten times what its SDK holds back. */
const LATE_FACTOR = 10;

interface Lateness {
  /** The delay of its promptest record, which its clock and its way account for; null when all came late. */
  promptMs: number | null;
  spans: { span: Span; lateMs: number; receivedMs: number }[];
}

function latenessOf(evidence: TraceEvidence, delays: ArrivalDelays): Lateness | null {
  const process = indexOf(evidence).processOf(delays.processId);
  if (process === null) return null;
  const limitMs = LATE_FACTOR * indexOf(evidence).sdkOf(process).batchDelayMs;
  const promptMs = delays.leastMs <= limitMs ? delays.leastMs : null;
  if (delays.mostMs - (promptMs ?? 0) <= limitMs || absurdityOf(evidence, delays) !== null) return null;
  const spans = evidence.spans.flatMap((span) => {
    const lateMs = lateMsOf(span, delays.processId, promptMs ?? 0);
    return lateMs !== null && lateMs.lateMs > limitMs ? [{ span, ...lateMs }] : [];
  });
  return spans.length === 0 ? null : { promptMs, spans };
}

/** How late the first report of its end came: what a retry sends again later is not late. */
function lateMsOf({ records }: Span, processId: string, promptMs: number): { lateMs: number; receivedMs: number } | null {
  const end = records.find((record) => record.phase === "end");
  const toldMs = end?.processId === processId ? toldMsOf(end) : null;
  return end && toldMs !== null ? { lateMs: end.receivedMs - toldMs - promptMs, receivedMs: end.receivedMs } : null;
}

function lateFinding(evidence: TraceEvidence, { processId }: ArrivalDelays, { promptMs, spans }: Lateness): FindingDraft {
  const process = indexOf(evidence).processOf(processId);
  const [first] = spans as [Lateness["spans"][number]];
  const worst = spans.reduce((a, b) => (b.lateMs > a.lateMs ? b : a));
  const label = processLabel(process);
  const lines: Evidence[] = [worst, ...spans.filter((one) => one !== worst).slice(0, 4)].map(({ span, lateMs, receivedMs }) =>
    evidenceOf("evidence.from-the-past", { span: span.name, at: receivedMs, duration: lateMs }, spanRef(span)),
  );
  if (process !== null && promptMs !== null) {
    lines.push(evidenceOf("evidence.others-prompt", { process: label, duration: Math.max(0, promptMs) }, processRef(process)));
  }
  return {
    kind: "late-data",
    severity: "info",
    certainty: promptMs === null ? "possible" : "likely",
    subject: processId,
    service: first.span.service,
    traceId: evidence.traceId,
    spanIds: [worst, ...spans.filter((one) => one !== worst)].slice(0, SPAN_IDS_MAX).map(({ span }) => span.spanId),
    missingSpanId: null,
    processId,
    spanName: worst.span.name,
    title: sentence("late-data.title", { process: label, span: worst.span.name, count: spans.length, duration: worst.lateMs }),
    count: spans.length,
    causes: causesOf(label, promptMs),
    evidence: lines,
    advice: adviceFor(evidence, ["A9", "A2"], worst.span, process),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: Math.max(...spans.slice(0, SPAN_IDS_MAX).map(({ receivedMs }) => receivedMs)),
  };
}

/** Where nothing of the process came in time, its clock may as well be behind. */
function causesOf(process: string, promptMs: number | null): RankedCause[] {
  const late: RankedCause = {
    id: "late-delivery",
    certainty: promptMs === null ? "possible" : "likely",
    because: sentence("because.late-delivery", { process }),
  };
  if (promptMs !== null) return [late];
  return [late, { id: "clock", certainty: "possible", because: sentence("because.clock-behind", { process }) }];
}

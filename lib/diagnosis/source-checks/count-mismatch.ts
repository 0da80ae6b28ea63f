import { earliest } from "../earliest";
import type { FindingDraft } from "../finding";
import { processStateOf } from "../process-state";
import { sdkCapabilitiesOf } from "../sdk-capabilities";
import { evidenceOf, processLabel, processRef, sentence, sourceAdvice } from "../sentences";
import type { Sender, SourceCheck, SourceEvidence } from "../source-check";

/**
 * W5: a process counted more spans sent than arrived here, or ended with spans in its queue.
 *
 *   otel.sdk.exporter.span.exported        503
 *   received                               481        22 were taken by somebody on the way, and lost
 *
 * Spans begun and never sent are no mismatch by themselves: a filter may have dropped them on purpose.
 */
export const countMismatch: SourceCheck = {
  kind: "count-mismatch",
  find: (evidence) => {
    const missing = evidence.senders.filter((sender) => missingOf(sender) !== null && !mayBeForked(evidence, sender));
    const judged = missing.map((sender) => ({ sender, readyMs: readyMs(evidence, sender) }));
    return {
      findings: judged.filter(({ readyMs: at }) => at !== null && at <= evidence.nowMs).flatMap(({ sender }) => mismatchFinding(sender)),
      lookAgainAtMs: earliest(judged.map(({ readyMs: at }) => (at !== null && at > evidence.nowMs ? at : null))),
    };
  },
};

interface Missing {
  count: number;
  counted: number;
  metric: string;
  because: "batch-lost" | "exited-without-flush";
}

const EXPORTED = "otel.sdk.exporter.span.exported";
const QUEUE_SIZE = "otel.sdk.processor.span.queue.size";

function missingOf({ metrics, endedSpans }: Sender): Missing | null {
  // Of one that sends no spans here its metrics come alone.
  if (endedSpans === 0) return null;
  const sent = metrics.filter(({ name, attributes }) => name === EXPORTED && (attributes["error.type"] ?? "") === "");
  const [only] = sent;
  // With several exporters nobody knows which of them sends here.
  if (sent.length === 1 && only && only.value > endedSpans) {
    return { count: Math.round(only.value - endedSpans), counted: only.value, metric: EXPORTED, because: "batch-lost" };
  }
  const queues = metrics.filter(({ name }) => name === QUEUE_SIZE);
  const started = metrics.reduce((sum, { name, attributes, value }) => sum + (isStarted(name, attributes) ? value : 0), 0);
  const [queue] = queues;
  const left = queues.length === 1 && queue ? Math.min(queue.value, started - endedSpans) : 0;
  return left > 0 ? { count: Math.round(left), counted: queue?.value ?? left, metric: QUEUE_SIZE, because: "exited-without-flush" } : null;
}

const isStarted = (name: string, attributes: Readonly<Record<string, string>>): boolean =>
  name === "otel.sdk.span.started" && attributes["otel.span.sampling_result"] === "RECORD_AND_SAMPLE";

/** Counters are copied by a fork (wire.md §4): a process that another one of its service may have forked counts its parent's spans too. */
const mayBeForked = ({ senders }: SourceEvidence, { process }: Sender): boolean =>
  sdkCapabilitiesOf(process).mayFork &&
  senders.some(
    ({ process: other }) =>
      other !== process &&
      other.service === process.service &&
      other.host === process.host &&
      other.firstReceivedMs <= process.firstReceivedMs &&
      other.lastReceivedMs >= process.firstReceivedMs,
  );

/** Only of a process that has ended is nothing more to come. */
function readyMs({ nowMs, settings }: SourceEvidence, { process }: Sender): number | null {
  const { state, lookAgainAtMs } = processStateOf(process, nowMs, settings);
  return state === "ended" ? process.lastReceivedMs + Math.max(settings.settleMs, sdkCapabilitiesOf(process).batchDelayMs) : lookAgainAtMs;
}

function mismatchFinding(sender: Sender): FindingDraft[] {
  const { process, endedSpans } = sender;
  const missing = missingOf(sender);
  if (missing === null) return [];
  const { count, counted, metric, because } = missing;
  const args = { count, process: processLabel(process), metric, counted, received: endedSpans };
  const words = because === "batch-lost" ? "because.batch-lost" : "because.left-in-queue";
  return [
    {
      kind: "count-mismatch",
      severity: "error",
      certainty: "proved",
      subject: process.processId,
      service: process.service,
      traceId: null,
      spanIds: [],
      missingSpanId: null,
      processId: process.processId,
      spanName: "",
      title: sentence(because === "batch-lost" ? "count-mismatch.title" : "count-mismatch.queue-title", args),
      count,
      causes: [{ id: because, certainty: "proved", because: sentence(words, args) }],
      evidence: [
        evidenceOf("evidence.counted", args, processRef(process)),
        evidenceOf("evidence.counted-received", args, processRef(process)),
      ],
      advice: sourceAdvice(because === "batch-lost" ? ["A9"] : ["A2", "A9"], process),
      retractedBy: sentence("retracted-by.process-reports"),
      lastEvidenceMs: process.lastReceivedMs,
    },
  ];
}

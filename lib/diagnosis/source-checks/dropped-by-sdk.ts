import type { Cause, Evidence, FindingDraft, Severity } from "../finding";
import { evidenceOf, processLabel, processRef, sentence, sourceAdvice } from "../sentences";
import type { SelfMetric, Sender, SourceCheck } from "../source-check";
import type { SentenceId } from "../words";

/**
 * W6: a sender says itself that it dropped something: its queue was full, its exporter gave up, or its limits cut what a span carried. The
 * trees that arrive may show no hole at all.
 *
 *   otel.sdk.processor.span.processed                         481
 *   otel.sdk.processor.span.processed{error.type=queue_full}   22     ← these never left the process
 */
export const droppedBySdk: SourceCheck = {
  kind: "dropped-by-sdk",
  find: ({ senders }) => ({ findings: senders.flatMap((sender) => dropsOf(sender, senders)), lookAgainAtMs: null }),
};

const dropsOf = (sender: Sender, senders: readonly Sender[]): FindingDraft[] => {
  const { metrics, trimmedSpans } = sender;
  const drops: FindingDraft[] = [];
  if (metrics.length > 0 && !isForkOfAnother(sender, senders)) {
    for (const loss of LOSSES) {
      const lost = metrics.filter(
        (metric) => metric.value > 0 && loss.counts(metric) && (!loss.byExporter || hasOneExporter(metric, metrics)),
      );
      if (lost.length > 0) drops.push(lossFinding(sender, loss, lost));
    }
  }
  if (trimmedSpans > 0) drops.push(trimFinding(sender));
  return drops;
};

interface Loss {
  id: string;
  severity: Severity;
  cause: Cause;
  title: SentenceId;
  because: SentenceId;
  advice: readonly string[];
  /** What is lost on the way to another place than this one is no loss here. */
  byExporter: boolean;
  counts(metric: SelfMetric): boolean;
}

const LOSSES: readonly Loss[] = [
  {
    id: "queue-full",
    severity: "error",
    cause: "queue-overflow",
    title: "dropped-by-sdk.queue-title",
    because: "because.queue-overflow",
    advice: ["A14", "A9"],
    byExporter: false,
    counts: ({ name, attributes }) =>
      (/^otel\.sdk\.processor\.(span|log)\.processed$/.test(name) && attributes["error.type"] === "queue_full") ||
      /^otelcol[._]exporter[._]enqueue_failed_/.test(name),
  },
  {
    id: "export-failed",
    severity: "error",
    cause: "batch-lost",
    title: "dropped-by-sdk.export-title",
    because: "because.export-failed",
    advice: ["A9", "A14"],
    byExporter: true,
    counts: ({ name, attributes }) =>
      (/^otel\.sdk\.exporter\.(span|log)\.exported$/.test(name) && (attributes["error.type"] ?? "") !== "") ||
      /^otelcol[._]exporter[._]send_failed_(spans|log_records)/.test(name),
  },
  {
    id: "refused",
    // Whoever was refused may have sent it again.
    severity: "warning",
    cause: "pipeline-loss",
    title: "dropped-by-sdk.refused-title",
    because: "because.collector-refused",
    advice: ["A14"],
    byExporter: false,
    counts: ({ name }) => /^otelcol[._](receiver|processor)[._]refused_(spans|log_records)/.test(name),
  },
];

/** Several exporters have several aims, and only one is known to be here. */
function hasOneExporter({ name, attributes }: SelfMetric, metrics: readonly SelfMetric[]): boolean {
  const aimOf = (of: SelfMetric["attributes"]) =>
    [of["otel.component.name"], of["server.address"], of["server.port"], of.exporter].join(" ");
  const own = aimOf(attributes);
  return metrics.every((other) => other.name !== name || aimOf(other.attributes) === own);
}

/** A forked child goes on counting where its parent was (wire.md §4): of those that share an instance id the oldest speaks. */
const isForkOfAnother = ({ process }: Sender, senders: readonly Sender[]): boolean =>
  process.serviceInstanceId !== null &&
  senders.some(
    ({ process: other, metrics }) =>
      other !== process &&
      metrics.length > 0 &&
      other.serviceInstanceId === process.serviceInstanceId &&
      (other.firstReceivedMs < process.firstReceivedMs ||
        (other.firstReceivedMs === process.firstReceivedMs && other.processId < process.processId)),
  );

const METRICS_SHOWN = 5;

function lossFinding(sender: Sender, loss: Loss, lost: readonly SelfMetric[]): FindingDraft {
  const { process } = sender;
  const count = Math.round(lost.reduce((sum, { value }) => sum + value, 0));
  const args = { count, process: processLabel(process) };
  return {
    ...draftOf(sender, loss.id, loss.severity, count),
    title: sentence(loss.title, args),
    causes: [{ id: loss.cause, certainty: "proved", because: sentence(loss.because, args) }],
    evidence: lost.slice(0, METRICS_SHOWN).map((metric) => metricEvidence(sender, metric)),
    advice: sourceAdvice(loss.advice, process),
    lastEvidenceMs: Math.max(...lost.map(({ receivedMs }) => receivedMs)),
  };
}

function metricEvidence({ process }: Sender, { name, attributes, value, receivedMs }: SelfMetric): Evidence {
  const type = attributes["error.type"];
  const metric = type === undefined ? name : `${name}{error.type=${type}}`;
  return evidenceOf("evidence.self-metric", { metric, value, process: processLabel(process), at: receivedMs }, processRef(process));
}

function trimFinding(sender: Sender): FindingDraft {
  const { process, trimmedSpans } = sender;
  const args = { count: trimmedSpans, process: processLabel(process) };
  return {
    ...draftOf(sender, "trimmed", "warning", trimmedSpans),
    title: sentence("dropped-by-sdk.trimmed-title", args),
    causes: [{ id: "span-limits", certainty: "proved", because: sentence("because.span-limits", args) }],
    evidence: [evidenceOf("evidence.dropped-counts", args, processRef(process))],
    advice: sourceAdvice(["A14"], process),
    lastEvidenceMs: process.lastReceivedMs,
  };
}

const draftOf = ({ process }: Sender, id: string, severity: Severity, count: number) => ({
  kind: "dropped-by-sdk" as const,
  severity,
  certainty: "proved" as const,
  subject: `${process.processId} ${id}`,
  service: process.service,
  traceId: null,
  spanIds: [],
  missingSpanId: null,
  processId: process.processId,
  spanName: "",
  count,
  retractedBy: sentence("retracted-by.nothing"),
});

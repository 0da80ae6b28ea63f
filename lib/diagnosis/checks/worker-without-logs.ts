import type { Check, TraceEvidence } from "../check";
import { indexOf } from "../evidence-index";
import type { FindingDraft, RankedCause } from "../finding";
import { once } from "../once";
import { logsPrecedeEnds } from "../one-queue";
import { adviceFor, evidenceOf, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { settledAtMs, waiting } from "../settling";
import { type Worker, type WorkerGroup, workerGroupsOf } from "../worker-groups";

/**
 * W3: a worker's spans arrived and its logs did not, where each of its like sent several.
 *
 *   pack         |----------------|     @main
 *     pack 0       |-*-*-|              @w0
 *     pack 1       |-*--*-|             @w1
 *     pack 2       |-----|              @w2     not one
 *
 * Not where logs and spans leave by one queue in order: who has the span's end has its logs, and this one had nothing to say.
 */
export const workerWithoutLogs: Check = {
  kind: "worker-without-logs",
  find: (evidence) => {
    const without = allWithoutLogs(evidence);
    if (without.length === 0) return { findings: [], lookAgainAtMs: null };
    // Logs take a way of their own; they get the settling time after everything else came.
    const readyMs = settledAtMs(evidence);
    if (evidence.nowMs < readyMs) return waiting(readyMs);
    return { findings: without.map((one) => withoutFinding(evidence, one)), lookAgainAtMs: null };
  },
};

const allWithoutLogs = once((evidence): Without[] => workerGroupsOf(evidence).flatMap((group) => withoutLogs(evidence, group)));

/** Processes whose missing logs are told here. */
export const loglessWorkers = once((evidence) => new Set(allWithoutLogs(evidence).map(({ worker }) => worker.process.processId)));

interface Without {
  worker: Worker;
  siblings: Worker[];
  usualCount: number;
}

const SIBLINGS_MIN = 2;
const LOGS_MIN = 2;

function withoutLogs(evidence: TraceEvidence, { workers }: WorkerGroup): Without[] {
  const siblings = workers.filter(({ logs }) => logs.length > 0);
  const counts = siblings.map(({ logs }) => logs.length).sort((a, b) => a - b);
  if (siblings.length < SIBLINGS_MIN || siblings.length <= workers.length / 2 || (counts[0] ?? 0) < LOGS_MIN) return [];
  const usualCount = counts[Math.floor(counts.length / 2)] as number;
  return workers
    .filter((worker) => !logsPrecedeEnds(evidence, worker, siblings))
    .filter(({ logs, tops, process }) => logs.length === 0 && tops.every(isClosed) && !mayHaveOtherLogs(evidence, process.processId))
    .map((worker) => ({ worker, siblings, usualCount }));
}

/** A span that is open has not said all it has to say. */
const isClosed = ({ endTimeUnixNano }: Worker["tops"][number]): boolean => endTimeUnixNano !== null;

/** Its logs may carry another identity (wire.md W11). */
const mayHaveOtherLogs = (evidence: TraceEvidence, processId: string): boolean => {
  const { logsBySpan } = indexOf(evidence);
  return evidence.spans.some((span) => span.processId === processId && logsBySpan.has(span.spanId));
};

function withoutFinding(evidence: TraceEvidence, { worker, siblings, usualCount }: Without): FindingDraft {
  const { process, tops } = worker;
  const [top] = tops;
  const args = { process: processLabel(process), span: top?.name ?? "", count: siblings.length, logs: usualCount };
  return {
    kind: "worker-without-logs",
    severity: "error",
    certainty: "likely",
    subject: process.processId,
    service: process.service,
    traceId: evidence.traceId,
    spanIds: tops.slice(0, SPAN_IDS_MAX).map(({ spanId }) => spanId),
    missingSpanId: null,
    processId: process.processId,
    spanName: top?.name ?? "",
    title: sentence("worker-without-logs.title", args),
    count: 1,
    causes: causesOf(evidence, worker),
    evidence: [
      evidenceOf("evidence.siblings-logged", args, siblings[0]?.tops[0] ? spanRef(siblings[0].tops[0]) : null),
      evidenceOf("evidence.last-record", { process: processLabel(process), at: process.lastReceivedMs }, processRef(process)),
    ],
    advice: adviceFor(evidence, ["A13", "A2"], top ?? null, process),
    retractedBy: sentence("retracted-by.logs-arrive"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

/** Where logs leave by a path of their own, a worker that never opened it was never told where to send them. */
function causesOf(evidence: TraceEvidence, { process }: Worker): RankedCause[] {
  const args = { process: processLabel(process) };
  const unconfigured: RankedCause = { id: "sdk-not-configured", certainty: "possible", because: sentence("because.no-logger", args) };
  const unflushed: RankedCause = { id: "logs-not-flushed", certainty: "possible", because: sentence("because.logs-unflushed", args) };
  const isKilled = indexOf(evidence).stateOf(process).state === "ended" && process.connections.length > 1;
  return isKilled ? [unflushed, unconfigured] : [{ ...unconfigured, certainty: "likely" }, unflushed];
}

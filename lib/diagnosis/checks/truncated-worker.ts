import { causesOfDeath } from "../cause-of-death";
import type { Check, TraceEvidence } from "../check";
import { earliest } from "../earliest";
import { indexOf, templateOf } from "../evidence-index";
import type { FindingDraft } from "../finding";
import { logsPrecedeEnds } from "../one-queue";
import { openSpansOf } from "../open-spans";
import { logsLeftInOrder } from "../orderly-exit";
import { processSentence } from "../process-state";
import { adviceFor, evidenceOf, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { settledAtMs, waiting } from "../settling";
import { type Worker, type WorkerGroup, workerGroupsOf } from "../worker-groups";

/**
 * W4: a worker's records stop in the middle: its like all end with the same closing line, and long after it.
 *
 *   load tables   |------------------------|     @main
 *     load          |-| |-| |-| |-| |-|*         @w1     "closing"
 *     load          |-| |-| |-| |-| |-|*         @w2     "closing"
 *     load          |-| |-|                      @w3     no such line
 */
export const truncatedWorker: Check = {
  kind: "truncated-worker",
  find: (evidence) => {
    const cut = workerGroupsOf(evidence).flatMap((group) => truncatedIn(evidence, group));
    if (cut.length === 0) return { findings: [], lookAgainAtMs: null };
    const readyMs = settledAtMs(evidence);
    if (evidence.nowMs < readyMs) return waiting(readyMs);
    const index = indexOf(evidence);
    const known = cut.map((one) => ({ ...one, state: index.stateOf(one.worker.process) }));
    return {
      findings: known
        .filter(({ state }) => state.state === "ended" || state.state === "silent")
        .map((one) => truncatedFinding(evidence, one)),
      lookAgainAtMs: earliest(known.map(({ state }) => state.lookAgainAtMs)),
    };
  },
};

interface Truncated {
  worker: Worker;
  closing: string;
  siblings: Worker[];
  /** How long before the first of its siblings it fell silent, by its own clock, ms. */
  earlierMs: number;
}

/** A worker that is done early says so; and how much less it did than the others. */
const EARLIER_SHARE = 0.25;
const PAUSES = 3;

function truncatedIn(evidence: TraceEvidence, { workers }: WorkerGroup): Truncated[] {
  const lastLines = workers.map(({ logs }) => templateOf(logs.at(-1)?.template ?? logs.at(-1)?.message ?? ""));
  const closing = commonLine(lastLines);
  if (closing === null) return [];
  const told = new Set(openSpansOf(evidence).flatMap(({ owner }) => owner ?? []));
  const siblings = workers.filter((_, i) => lastLines[i] === closing);
  return workers.flatMap((worker, i) => {
    // What it left open says the same, and more; or will, once it is clear what became of it.
    if (lastLines[i] === closing || told.has(worker.process) || saysAnywhere(worker, closing)) return [];
    // It was done, and done early: nothing of it was still waiting when it left.
    if (logsLeftInOrder(worker.process, worker.logs)) return [];
    if (saysWithin(siblings, closing) && logsPrecedeEnds(evidence, worker, siblings)) return [];
    const earlierMs = Math.min(...siblings.map(({ lastMs }) => lastMs)) - worker.lastMs;
    const usualMs = Math.min(...siblings.map(({ firstMs, lastMs }) => lastMs - firstMs));
    const pauseMs = PAUSES * (worker.process.longestPauseMs ?? indexOf(evidence).sdkOf(worker.process).batchDelayMs);
    return earlierMs > Math.max(pauseMs, EARLIER_SHARE * usualMs) ? [{ worker, closing, siblings, earlierMs }] : [];
  });
}

/** The last line of all workers but a few: at least two, and more than half. */
function commonLine(lines: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const line of lines) if (line !== "") counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const [line, count] of counts) if (count >= 2 && count > lines.length / 2) return line;
  return null;
}

const saysAnywhere = ({ logs }: Worker, line: string): boolean =>
  logs.some(({ template, message }) => templateOf(template ?? message) === line);

/** The siblings say their closing line within a span of theirs, not after it. */
const saysWithin = (siblings: readonly Worker[], line: string): boolean =>
  siblings.every(({ spans, logs }) => {
    const own = new Set(spans.map(({ spanId }) => spanId));
    return logs.some((log) => log.spanId !== null && own.has(log.spanId) && templateOf(log.template ?? log.message) === line);
  });

function truncatedFinding(
  evidence: TraceEvidence,
  { worker, closing, siblings, earlierMs, state }: Truncated & { state: ReturnType<ReturnType<typeof indexOf>["stateOf"]> },
): FindingDraft {
  const { process, tops } = worker;
  const args = { process: processLabel(process), line: closing, count: siblings.length, duration: earlierMs, at: worker.lastMs };
  const [top] = tops;
  return {
    kind: "truncated-worker",
    severity: "error",
    certainty: state.certainty === "proved" || state.certainty === "likely" ? "likely" : "possible",
    subject: process.processId,
    service: process.service,
    traceId: evidence.traceId,
    spanIds: tops.slice(0, SPAN_IDS_MAX).map(({ spanId }) => spanId),
    missingSpanId: null,
    processId: process.processId,
    spanName: top?.name ?? "",
    title: sentence("truncated-worker.title", args),
    count: 1,
    causes: causesOfDeath(evidence, process, state.endedMs ?? process.lastReceivedMs, null),
    evidence: [
      evidenceOf("evidence.closing-line", args, siblings[0]?.tops[0] ? spanRef(siblings[0].tops[0]) : null),
      evidenceOf("evidence.last-record", { process: processLabel(process), at: process.lastReceivedMs }, processRef(process)),
      { sentence: processSentence(state), ref: processRef(process) },
    ],
    advice: adviceFor(evidence, ["A2", "A4"], top ?? null, process),
    retractedBy: sentence("retracted-by.process-reports"),
    lastEvidenceMs: process.lastReceivedMs,
  };
}

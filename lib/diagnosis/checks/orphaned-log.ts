import { causesOfLoss } from "../cause-of-loss";
import type { Check, TraceEvidence } from "../check";
import { earliest } from "../earliest";
import { indexOf } from "../evidence-index";
import type { Cause, FindingDraft, RankedCause } from "../finding";
import { type LogOnlySpan, logOnlySpansOf } from "../log-only-spans";
import { lostInBatches } from "../lost-batches";
import type { ProcessEvidence } from "../process-evidence";
import { processSentence } from "../process-state";
import { adviceFor, evidenceOf, missingRef, processLabel, processRef, SPAN_IDS_MAX, sentence } from "../sentences";

/**
 * O6: log records were written in a span that never came. The terminal had it, the trace does not.
 *
 *   import           |-----------|      @w1
 *     (pack)           |-*--*-|         @w1     its logs came, it did not; its process has ended
 *
 * One finding a process. What spans name as their parent too is `orphaned-span`; what an SDK that announces starts in order did not
 * announce is `lost-batch`. While the process of an SDK that reports only ends lives, the span is most often still running.
 */
export const orphanedLog: Check = {
  kind: "orphaned-log",
  find: (evidence) => {
    const unknown = logOnlySpansOf(evidence);
    if (unknown.length === 0) return { findings: [], lookAgainAtMs: null };
    const told = lostInBatches(evidence);
    const byProcess = new Map<ProcessEvidence, LogOnlySpan[]>();
    for (const one of unknown) {
      if (one.verdict !== "lost" || told.has(one.spanId)) continue;
      const those = byProcess.get(one.owner);
      if (those) those.push(one);
      else byProcess.set(one.owner, [one]);
    }
    return {
      findings: [...byProcess].map(([process, those]) => orphanedLogFinding(evidence, process, those)),
      lookAgainAtMs: earliest(unknown.map(({ lookAgainAtMs }) => lookAgainAtMs)),
    };
  },
};

function orphanedLogFinding(evidence: TraceEvidence, process: ProcessEvidence, those: LogOnlySpan[]): FindingDraft {
  const [first] = those as [LogOnlySpan];
  const [line] = first.logs;
  const logCount = those.reduce((sum, { logs }) => sum + logs.length, 0);
  const causes = causesOfLoss(evidence, first);
  const args = { process: processLabel(process), count: logCount, spans: those.length, line: line?.message.slice(0, LINE_MAX) ?? "" };
  return {
    kind: "orphaned-log",
    severity: "warning",
    certainty: those.every(({ certainty }) => certainty !== "possible") ? "likely" : "possible",
    subject: process.processId,
    service: process.service,
    traceId: evidence.traceId,
    spanIds: those.slice(0, SPAN_IDS_MAX).map(({ spanId }) => spanId),
    missingSpanId: first.spanId,
    processId: process.processId,
    spanName: "",
    title: sentence("orphaned-log.title", args),
    count: logCount,
    causes,
    evidence: [
      ...those
        .slice(0, SHOWN_MAX)
        .map(({ spanId, logs }) =>
          evidenceOf(
            "evidence.logged-in",
            { count: logs.length, parent: spanId, line: logs[0]?.message.slice(0, LINE_MAX) ?? "" },
            { type: "log", id: spanId },
          ),
        ),
      evidenceOf("evidence.never-received", { parent: first.spanId }, missingRef(first.spanId)),
      evidenceOf("evidence.last-record", { process: processLabel(process), at: process.lastReceivedMs }, processRef(process)),
      { sentence: processSentence(indexOf(evidence).stateOf(process)), ref: processRef(process) },
    ],
    advice: adviceFor(evidence, CURES[(causes[0] as RankedCause).id] ?? ["A9"], null, process),
    retractedBy: sentence("retracted-by.span-arrives"),
    lastEvidenceMs: Math.max(...those.map(({ lastReceivedMs }) => lastReceivedMs)),
  };
}

/** A log message may be a page long. */
const LINE_MAX = 120;
const SHOWN_MAX = 5;

/** wire.md §12, most fitting first. */
const CURES: Partial<Record<Cause, readonly string[]>> = {
  "exited-without-flush": ["A2", "A7"],
  "stopped-by-parent": ["A3", "A2"],
  "process-died": ["A4", "A2"],
  "never-ended": ["A1", "A9"],
  filtered: ["A12"],
};

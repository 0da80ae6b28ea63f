import type { Span } from "@/lib/otel/span";
import { baselineKey } from "../baseline";
import type { Check, TraceEvidence } from "../check";
import { indexOf } from "../evidence-index";
import type { FindingDraft, RankedCause } from "../finding";
import { type LogHabit, NO_LOG_HABIT, usualLogCount, withOwn } from "../log-habit";
import { cameAsSpan } from "../log-only-spans";
import { once } from "../once";
import { adviceFor, evidenceOf, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { settledAtMs, waiting } from "../settling";
import { loglessWorkers } from "./worker-without-logs";

/**
 * features.md M10: a span that arrived without a log, where its like (same service and name) practically always have some.
 *
 *   import row   |-*--*-|     312 of 314 like it had logs, 4 as a rule
 *   import row   |-*-*--|
 *   import row   |------|     not one
 *
 * What is usual is learned from settled traces, and from the rest of this one. A worker whose like in this trace all sent logs is
 * `worker-without-logs`.
 */
export const spanWithoutLogs: Check = {
  kind: "span-without-logs",
  find: (evidence) => {
    const suspects = suspectsOf(evidence);
    if (suspects.length === 0) return { findings: [], lookAgainAtMs: null };
    // Logs take a way of their own; they get the settling time after everything else came.
    const readyMs = settledAtMs(evidence);
    if (evidence.nowMs < readyMs) return waiting(readyMs);
    const told = loglessWorkers(evidence);
    const findings = suspects.flatMap(({ spans, ...one }) => {
      const untold = spans.filter(({ processId }) => !told.has(processId));
      return untold.length === 0 ? [] : [withoutLogsFinding(evidence, { ...one, spans: untold })];
    });
    return { findings, lookAgainAtMs: null };
  },
};

interface Suspect {
  spans: Span[];
  habit: LogHabit;
  usualCount: number;
}

/** Closed spans without logs whose like have them, by service and name. */
const suspectsOf = once((evidence): Suspect[] => {
  const { spans, logRecords, logHabits } = evidence;
  if (logRecords.length === 0 && logHabits.size === 0) return [];
  const { logsBySpan } = indexOf(evidence);
  const byKey = new Map<string, { own: LogHabit; without: Span[] }>();
  for (const span of spans) {
    if (span.endTimeUnixNano === null) continue;
    const key = baselineKey(span.service, span.name);
    if (bringsLogsWithEnds(evidence, span)) continue;
    const known = byKey.get(key) ?? { own: { ...NO_LOG_HABIT }, without: [] };
    byKey.set(key, known);
    const count = logsBySpan.get(span.spanId)?.length ?? 0;
    known.own.spans++;
    known.own.logs += count;
    if (count > 0) known.own.withLogs++;
    else known.without.push(span);
  }
  return [...byKey].flatMap(([key, { own, without }]) => {
    const habit = withOwn(logHabits.get(key) ?? NO_LOG_HABIT, own);
    const usualCount = without.length === 0 ? null : usualLogCount(habit);
    return usualCount === null ? [] : [{ spans: without, habit, usualCount }];
  });
});

/**
 * Logfire in Python sends logs and ends through one queue in order: whoever has the end has the logs, and there were none. Unless the
 * program's logs go a way of their own.
 */
const bringsLogsWithEnds = (evidence: TraceEvidence, { processId }: Span): boolean => {
  const process = indexOf(evidence).processOf(processId);
  if (process === null) return false;
  const sdk = indexOf(evidence).sdkOf(process);
  return sdk.fifo && sdk.sendsStarts && !logsOtherwise(evidence).has(process.service);
};

/** Services whose logs came as log records of their own, not as spans. */
const logsOtherwise = once(({ logRecords }) => new Set(logRecords.filter((log) => !cameAsSpan(log)).map(({ service }) => service)));

function withoutLogsFinding(evidence: TraceEvidence, { spans, habit, usualCount }: Suspect): FindingDraft {
  const [first] = spans as [Span];
  const process = indexOf(evidence).processOf(first.processId);
  const args = { span: first.name, process: processLabel(process), count: spans.length, logs: usualCount };
  const state = process === null ? null : indexOf(evidence).stateOf(process);
  const isGone = state?.state === "ended" && state.certainty !== "possible";
  const isFirst = habit.withLogs + spans.length === habit.spans;
  return {
    kind: "span-without-logs",
    severity: "warning",
    certainty: isFirst || isGone ? "likely" : "possible",
    subject: baselineKey(first.service, first.name).replace("\u0000", " "),
    service: first.service,
    traceId: evidence.traceId,
    spanIds: spans.slice(0, SPAN_IDS_MAX).map(({ spanId }) => spanId),
    missingSpanId: null,
    processId: first.processId,
    spanName: first.name,
    title: sentence("span-without-logs.title", args),
    count: spans.length,
    causes: causesOf(processLabel(process), isGone),
    evidence: [
      evidenceOf("evidence.usual-logs", { span: first.name, logs: usualCount, count: habit.withLogs, spans: habit.spans }, spanRef(first)),
      ...(process
        ? [evidenceOf("evidence.last-record", { process: processLabel(process), at: process.lastReceivedMs }, processRef(process))]
        : []),
    ],
    advice: adviceFor(evidence, ["A2", "A13"], first, process),
    retractedBy: sentence("retracted-by.span-logs-arrive"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

/** Logs wait in a queue of their own: a process that ended may have taken them with it. */
function causesOf(process: string, isGone: boolean): RankedCause[] {
  const lost: RankedCause = { id: "batch-lost", certainty: "possible", because: sentence("because.logs-lost", { process }) };
  const unflushed: RankedCause = {
    id: "logs-not-flushed",
    certainty: "possible",
    because: sentence("because.logs-unflushed", { process }),
  };
  return isGone ? [{ ...unflushed, certainty: "likely" }, lost] : [lost, unflushed];
}

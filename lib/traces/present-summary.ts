import type { TraceRow } from "@/db/queries/traces";
import type { TraceSummary } from "@/lib/api/contract/traces";
import type { Span } from "@/lib/otel/span";
import { isSaneTime, msBetween, type UnixNano, unixNanoOfInt8 } from "@/lib/otel/time";
import { momentOf } from "./moment";
import type { KnownTrace } from "./read-trace";

/** A trace's summary as it stands in lists. */
export function presentSummary(row: TraceRow): TraceSummary {
  return {
    traceId: row.traceId,
    rootName: row.rootName,
    rootService: row.rootService,
    services: row.services,
    ...presentTimes(row.startNs === null ? null : unixNanoOfInt8(row.startNs), row.endNs === null ? null : unixNanoOfInt8(row.endNs)),
    spanCount: row.spanCount,
    errorCount: row.errorCount,
    logCount: row.logCount,
    openCount: row.openCount,
    missingCount: row.missingCount,
    findingCount: row.findingCount,
    worstSeverity: row.worstSeverity as TraceSummary["worstSeverity"],
    kinds: row.kinds as TraceSummary["kinds"],
    firstReceivedAt: momentOf(row.firstReceivedMs),
    lastReceivedAt: momentOf(row.lastReceivedMs),
    settled: isSettled(row),
  };
}

/**
 * The summary of a trace whose spans are at hand. Ingest counts reports as it writes them, and the scheduler counts spans when it looks;
 * between the two only the spans themselves are right.
 */
export function presentKnownSummary({ row, spans, tree, states }: KnownTrace): TraceSummary {
  const root = spans[tree.roots[0] ?? -1];
  const { start, end, errorCount, openCount } = sumUp(spans);
  return {
    ...presentSummary(row),
    rootName: root?.name ?? row.rootName,
    rootService: root?.service ?? row.rootService,
    ...presentTimes(start, end),
    spanCount: spans.length,
    errorCount,
    openCount,
    missingCount: tree.missing.filter((spanId) => (states.get(spanId) ?? "missing") === "missing").length,
  };
}

function sumUp(spans: readonly Span[]) {
  const sum = { start: null as UnixNano | null, end: null as UnixNano | null, errorCount: 0, openCount: 0 };
  for (const { startTimeUnixNano: start, endTimeUnixNano: end, statusCode } of spans) {
    if ((sum.start === null || start < sum.start) && isSaneTime(start)) sum.start = start;
    if (end === null) sum.openCount++;
    else if ((sum.end === null || end > sum.end) && isSaneTime(end)) sum.end = end;
    if (statusCode === "error") sum.errorCount++;
  }
  return sum;
}

/** Quiet for the settling time and looked at since: what is missing now is called missing. */
export const isSettled = ({ settledMs, lastReceivedMs }: TraceRow): boolean => settledMs !== null && settledMs >= lastReceivedMs;

function presentTimes(start: UnixNano | null, end: UnixNano | null) {
  const isMeasured = start !== null && end !== null && isSaneTime(start) && isSaneTime(end) && end >= start;
  return {
    startTimeUnixNano: start === null ? null : start.toString(),
    endTimeUnixNano: end === null ? null : end.toString(),
    durationMs: isMeasured ? msBetween(start, end) : null,
  };
}

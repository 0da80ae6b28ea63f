import type { StandingFinding } from "@/db/queries/scheduler/findings";
import type { OpenSpanWrite, TraceSummaryWrite } from "@/db/queries/scheduler/trace-states";
import type { TraceEvidence } from "@/lib/diagnosis/check";
import { type FindingDraft, SEVERITIES } from "@/lib/diagnosis/finding";
import { type MissingParent, missingParentsOf } from "@/lib/diagnosis/missing-parents";
import { type OpenSpan, openSpansOf } from "@/lib/diagnosis/open-spans";
import { callSiteText } from "@/lib/diagnosis/sentences";
import type { Span } from "@/lib/otel/span";
import { isSaneTime, msOf, type UnixNano } from "@/lib/otel/time";

/** The open and missing spans of a trace; of several spans with one id the first. */
export function openSpanRows(evidence: TraceEvidence, projectId: number): OpenSpanWrite[] {
  const rows = new Map<string, OpenSpanWrite>();
  for (const open of openSpansOf(evidence)) if (!rows.has(open.span.spanId)) rows.set(open.span.spanId, openRow(evidence, open, projectId));
  for (const missing of missingParentsOf(evidence)) {
    const row = missingRow(evidence, missing, projectId);
    if (row !== null) rows.set(missing.spanId, row);
  }
  return [...rows.values()];
}

function openRow(evidence: TraceEvidence, { span, owner, state, lastActivityMs, expected }: OpenSpan, projectId: number): OpenSpanWrite {
  return {
    traceId: evidence.traceId,
    spanId: span.spanId,
    projectId,
    processId: owner?.processId ?? span.processId,
    service: span.service,
    name: span.name,
    state,
    ...startOf(span.startTimeUnixNano),
    firstReceivedMs: span.records[0]?.receivedMs ?? evidence.firstReceivedMs,
    lastActivityMs,
    callSite: callSiteText(evidence.callSites.get(span.spanId)),
    expectedId: expected?.id ?? null,
  };
}

/** A parent that is thought to run is open like any other; one that is lost is missing; of one that is still waited for nothing is said. */
function missingRow(evidence: TraceEvidence, missing: MissingParent, projectId: number): OpenSpanWrite | null {
  const [first] = missing.children;
  if (!first || (missing.verdict !== "open" && missing.verdict !== "lost")) return null;
  return {
    traceId: evidence.traceId,
    spanId: missing.spanId,
    projectId,
    processId: missing.owner?.processId ?? first.processId,
    service: missing.owner?.service ?? first.service,
    name: "",
    state: missing.verdict === "open" ? "ongoing" : "missing",
    ...startOf(first.startTimeUnixNano),
    firstReceivedMs: first.records[0]?.receivedMs ?? evidence.firstReceivedMs,
    lastActivityMs: missing.lastReceivedMs,
    callSite: null,
    expectedId: null,
  };
}

/** `start_ms` is sorted and compared by, so a time that cannot be (beyond 2262) stands at its edge. */
const startOf = (start: UnixNano) => ({ startNs: int8Of(start), startMs: isSaneTime(start) ? msOf(start) : 0 });

const int8Of = (time: UnixNano): string => BigInt.asIntN(64, time).toString();

/** A finding as far as lists count it: seen now, or standing while its check waits. */
type Told = Pick<FindingDraft, "kind" | "severity"> | StandingFinding;

/** What lists show of a trace. Info findings and muted ones are no fault, so they are named but not counted. */
export function summaryRow(
  evidence: TraceEvidence,
  findings: readonly Told[],
  isMuted: (finding: Told, at: number) => boolean,
  isSettled: boolean,
): TraceSummaryWrite {
  const counted = findings.filter((finding, at) => !isMuted(finding, at));
  const { spans, tree, nowMs, traceId, logRecords } = evidence;
  const root = spans[tree.roots[0] ?? -1];
  return {
    traceId,
    ...extentOf(spans),
    spanCount: spans.length,
    errorCount: spans.filter(({ statusCode }) => statusCode === "error").length,
    logCount: logRecords.length,
    openCount: spans.filter(({ endTimeUnixNano }) => endTimeUnixNano === null).length,
    missingCount: missingParentsOf(evidence).filter(({ verdict }) => verdict !== "open").length,
    rootService: root?.service ?? null,
    rootName: root?.name ?? null,
    rootSpanId: root?.spanId ?? null,
    settledMs: isSettled ? nowMs : null,
    findingCount: counted.filter(({ severity }) => severity !== "info").length,
    worstSeverity: SEVERITIES.find((severity) => counted.some((finding) => finding.severity === severity)) ?? null,
    kinds: [...new Set(findings.map(({ kind }) => kind))],
  };
}

/** From the earliest start to the latest end, as far as they can be. */
function extentOf(spans: readonly Span[]): { startNs: string | null; endNs: string | null } {
  let start: UnixNano | null = null;
  let end: UnixNano | null = null;
  for (const span of spans) {
    if (isSaneTime(span.startTimeUnixNano) && (start === null || span.startTimeUnixNano < start)) start = span.startTimeUnixNano;
    const ended = span.endTimeUnixNano;
    if (ended !== null && isSaneTime(ended) && (end === null || ended > end)) end = ended;
  }
  return { startNs: start === null ? null : int8Of(start), endNs: end === null ? null : int8Of(end) };
}

import type { Span } from "@/lib/otel/span";
import { msOf } from "@/lib/otel/time";
import { baselineKey, quantileMs } from "./baseline";
import type { ExpectedSpan, TraceEvidence } from "./check";
import { earliest } from "./earliest";
import { endlessRootOf } from "./endless-root";
import { indexOf } from "./evidence-index";
import type { Certainty } from "./finding";
import { type LeftBehind, leftBehindOf } from "./left-behind";
import { once } from "./once";
import { ownersOf } from "./owners";
import type { ProcessEvidence, ProcessState } from "./process-evidence";
import { isSwept } from "./swept-spans";

/** A span without an end that we believe, and what has become of it. The order of a family: abandoned, else stale, else ongoing. */
export interface OpenSpan {
  span: Span;
  node: number;
  owner: ProcessEvidence | null;
  process: ProcessState;
  state: "ongoing" | "stale" | "abandoned";
  /** Why it is abandoned; null in the other states. */
  abandoned: Abandonment | null;
  /** Open since its first record arrived, ms: the server's clock, because the sender's may be wrong. */
  ageMs: number;
  /** Age from which it counts as stale, and what is usual (p95 of its like), null without history. */
  staleFromMs: number;
  usualMs: number | null;
  usualCount: number;
  /** The rule by which it may be open for long: then no age makes it stale. That its process has ended still counts. */
  expected: ExpectedSpan | null;
  /** Server clock of the last record or log that came from the span or below it. */
  lastActivityMs: number;
  lookAgainAtMs: number | null;
}

export type Abandonment =
  | { by: "process"; certainty: Certainty; atMs: number }
  | { by: "heartbeat"; certainty: Certainty; atMs: number; everyMs: number }
  | { by: "left-behind"; certainty: Certainty; atMs: number; leftBehind: LeftBehind }
  | { by: "sweeper"; certainty: Certainty; atMs: number };

/** wire.md L2: older than 10 minutes and than ten times what is usual for its like. */
const STALE_FACTOR = 10;
const STALE_MIN_MS = 600_000;
/** wire.md L10: an end is overdue once so many declared intervals passed without a heartbeat. */
const HEARTBEATS_MISSED = 3;

const UNKNOWN: ProcessState = { state: "unknown", certainty: null, endedMs: null, because: "not-seen", lookAgainAtMs: null };

/** The open spans of a trace in reading order, each with its state. */
export const openSpansOf = once((evidence): OpenSpan[] => {
  if (evidence.spans.every((span) => span.endTimeUnixNano !== null)) return [];
  const activity = lastActivityBelow(evidence);
  const owners = ownersOf(evidence);
  const open: OpenSpan[] = [];
  for (const node of evidence.tree.order) {
    const span = evidence.spans[node];
    if (!span || span.endTimeUnixNano !== null) continue;
    open.push(classify(evidence, span, node, owners.ofNode(node), activity[node] as number));
  }
  return open;
});

function classify(evidence: TraceEvidence, span: Span, node: number, owner: ProcessEvidence | null, lastActivityMs: number): OpenSpan {
  const { nowMs } = evidence;
  const process = owner === null ? UNKNOWN : indexOf(evidence).stateOf(owner);
  const ageMs = nowMs - (span.records[0]?.receivedMs ?? nowMs);
  const { staleFromMs, usualMs, usualCount } = staleness(evidence, span);
  const expected = evidence.expected.get(span.spanId) ?? null;
  const facts = { span, node, owner, process, ageMs, staleFromMs, usualMs, usualCount, expected, lastActivityMs };

  if (isSwept(span)) {
    const abandoned: Abandonment = { by: "sweeper", certainty: "proved", atMs: span.records.at(-1)?.receivedMs ?? lastActivityMs };
    return { ...facts, state: "abandoned", abandoned, lookAgainAtMs: null };
  }
  if (process.state === "ended" && process.certainty !== null) {
    const abandoned: Abandonment = { by: "process", certainty: process.certainty, atMs: process.endedMs ?? lastActivityMs };
    return { ...facts, state: "abandoned", abandoned, lookAgainAtMs: null };
  }
  const heartbeat = heartbeatOf(evidence, span, process);
  if (heartbeat?.isLost) return { ...facts, state: "abandoned", abandoned: heartbeat.abandoned, lookAgainAtMs: null };
  const leftBehind = leftBehindOf(evidence, node, owner, process);
  if (leftBehind !== null && leftBehind.sinceMs <= nowMs) {
    const abandoned: Abandonment = { by: "left-behind", certainty: leftBehind.certainty, atMs: lastActivityMs, leftBehind };
    return { ...facts, state: "abandoned", abandoned, lookAgainAtMs: null };
  }
  const staleAtMs = staleAtMsOf(facts, nowMs);
  const isStale = isStaleSince(evidence, node, staleAtMs);
  return {
    ...facts,
    state: isStale ? "stale" : "ongoing",
    abandoned: null,
    lookAgainAtMs: earliest([
      process.lookAgainAtMs,
      heartbeat?.lostAtMs ?? null,
      leftBehind?.sinceMs ?? null,
      isPast(staleAtMs, nowMs) ? null : staleAtMs,
    ]),
  };
}

/** What is open as long as its process lives may rest at night. */
const isStaleSince = (evidence: TraceEvidence, node: number, staleAtMs: number | null): boolean =>
  isPast(staleAtMs, evidence.nowMs) && endlessRootOf(evidence)?.path.has(node) !== true;

/** When its age speaks against it; null where somebody said that it does not. */
function staleAtMsOf({ expected, usualMs, lastActivityMs, ageMs, staleFromMs }: Facts, nowMs: number): number | null {
  if (expected !== null) return null;
  // Without history, work that goes on below it speaks for it: consumer loops, web sockets and schedulers are long by design.
  return (usualMs === null ? lastActivityMs : nowMs - ageMs) + staleFromMs;
}

const isPast = (moment: number | null, nowMs: number): boolean => moment !== null && moment <= nowMs;

type Facts = Pick<OpenSpan, "expected" | "usualMs" | "lastActivityMs" | "ageMs" | "staleFromMs">;

function staleness({ baselines, settings }: TraceEvidence, span: Span) {
  const baseline = baselines.get(baselineKey(span.service, span.name));
  const usualMs = baseline === undefined ? null : quantileMs(baseline, 0.95);
  const staleFromMs = usualMs === null ? settings.staleAfterMs : Math.max(STALE_MIN_MS, STALE_FACTOR * usualMs);
  return { staleFromMs, usualMs, usualCount: usualMs === null ? 0 : (baseline?.count ?? 0) };
}

/** wire.md L10. Nothing is lost while /proc still shows the process, or before the settling time. */
function heartbeatOf({ nowMs, settings }: TraceEvidence, span: Span, process: ProcessState) {
  const last = span.records.findLast((record) => record.phase !== "end" && record.heartbeatEveryMs !== null);
  if (!last?.heartbeatEveryMs) return null;
  const everyMs = last.heartbeatEveryMs;
  const lostAtMs = last.receivedMs + Math.max(HEARTBEATS_MISSED * everyMs, everyMs + settings.settleMs);
  const abandoned: Abandonment = { by: "heartbeat", certainty: "likely", atMs: last.receivedMs, everyMs };
  return { lostAtMs, abandoned, isLost: lostAtMs <= nowMs && process.because !== "seen-alive" };
}

/** Of each node: the server clock of the youngest record or log of the span or of anything below it. */
function lastActivityBelow(evidence: TraceEvidence): Float64Array {
  const { spans, tree } = evidence;
  const { logsBySpan } = indexOf(evidence);
  const latest = new Float64Array(tree.order.length);
  for (let at = tree.order.length - 1; at >= 0; at--) {
    const node = tree.order[at] as number;
    const span = spans[node];
    let own = latest[node] as number;
    for (const { receivedMs } of span?.records ?? []) own = Math.max(own, receivedMs);
    for (const { receivedMs } of (span && logsBySpan.get(span.spanId)) ?? []) own = Math.max(own, receivedMs);
    latest[node] = own;
    const above = tree.parent[node] as number;
    if (above >= 0) latest[above] = Math.max(latest[above] as number, own);
  }
  return latest;
}

/** When the span began by its sender's clock, Unix ms. */
export const startMsOf = (span: Span): number => msOf(span.startTimeUnixNano);

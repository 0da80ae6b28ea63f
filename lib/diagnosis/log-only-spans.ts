import type { SpanId } from "@/lib/otel/ids";
import type { LogRecord } from "@/lib/otel/log-record";
import { HAS_IS_REMOTE, IS_REMOTE, type Span } from "@/lib/otel/span";
import type { TraceEvidence } from "./check";
import { earliest } from "./earliest";
import { indexOf } from "./evidence-index";
import type { Certainty } from "./finding";
import type { MissingParent } from "./missing-parents";
import { once } from "./once";
import { leftByExitHandler, leftInOrder } from "./orderly-exit";
import { ownersOf } from "./owners";
import type { ProcessEvidence } from "./process-evidence";

/**
 * A span that nothing tells of but the log records written in it (wire.md O6). What spans name as their parent too is a missing parent
 * (lib/diagnosis/missing-parents): one missing span is one thing.
 *
 *   import           |-----------|      @w1
 *     (pack)           |-*--*-|         @w1     its logs came, it did not
 */
export interface LogOnlySpan extends MissingParent {
  owner: ProcessEvidence;
  logs: LogRecord[];
}

/** Whether log records name a span that is neither received nor named as a parent: only then does it matter who may own it. */
export function namesUnknownSpan(spans: readonly Pick<Span, "spanId">[], missing: readonly SpanId[], logs: readonly LogRecord[]): boolean {
  if (logs.length === 0) return false;
  const known = knownIds(spans, missing);
  return logs.some(({ spanId }) => spanId !== null && !known.has(spanId));
}

const knownIds = (spans: readonly Pick<Span, "spanId">[], missing: readonly SpanId[]): Set<SpanId> =>
  new Set([...spans.map(({ spanId }) => spanId), ...missing]);

/** The log-only spans of a trace of which something can be expected, in the order of their first log. */
export const logOnlySpansOf = once((evidence): LogOnlySpan[] => {
  const { spans, tree, logRecords, isCut } = evidence;
  // A trace of logs alone was not sampled, or its spans are sent elsewhere.
  if (logRecords.length === 0 || spans.length === 0 || isCut) return [];
  const { logsBySpan, processOf } = indexOf(evidence);
  const known = knownIds(spans, tree.missing);
  const unknown = [...logsBySpan].filter(([spanId]) => !known.has(spanId));
  if (unknown.length === 0) return [];
  const services = new Set(spans.map(({ service }) => service));
  const marking = new Set(logRecords.filter(({ flags }) => isSampled(flags)).map(({ processId }) => processId));
  return unknown.flatMap(([spanId, logs]) => {
    const [first] = logs as [LogRecord];
    const owner = processOf(first.processId);
    if (owner === null || !services.has(owner.service)) return [];
    // The span was another process's (a context that was handed over), which need not report here.
    if (logs.some(({ flags }) => (flags & IS_REMOTE) !== 0)) return [];
    // Its SDK says of each record whether the trace is sampled, and of these that it is not.
    if (marking.has(owner.processId) && !logs.some(({ flags }) => isSampled(flags))) return [];
    // Tail sampling of Logfire drops a root and lets what is logged after it through (wire.md O10).
    if (indexOf(evidence).sdkOf(owner).sendsStarts && tree.roots.length === 0) return [];
    return [judge(evidence, spanId, logs, owner)];
  });
});

/** W3C trace flags, lowest bit. Logfire's own logs, which come as spans, have none. */
const isSampled = (flags: number): boolean => (flags & 1) !== 0;

/** Whether a log record came in the queue of the spans: as a Logfire log, by its span's own process. */
export const cameAsSpan = ({ flags }: LogRecord): boolean => (flags & (HAS_IS_REMOTE | IS_REMOTE)) === HAS_IS_REMOTE;

function judge(evidence: TraceEvidence, spanId: SpanId, logs: LogRecord[], owner: ProcessEvidence): LogOnlySpan {
  let lastReceivedMs = 0;
  for (const { receivedMs } of logs) lastReceivedMs = Math.max(lastReceivedMs, receivedMs);
  const facts = { spanId, logs, owner, children: [], location: "local", lastReceivedMs, rootStartMs: null } as const;
  return { ...facts, children: [], ...verdictOf(evidence, owner, lastReceivedMs) };
}

type Verdict = Pick<MissingParent, "verdict" | "certainty" | "reason" | "lookAgainAtMs">;

/** As for missing parents: lost once all that may own it have ended, or once nothing can be expected of it any more. */
function verdictOf(evidence: TraceEvidence, owner: ProcessEvidence, lastReceivedMs: number): Verdict {
  const { nowMs, settings } = evidence;
  const index = indexOf(evidence);
  const sdk = index.sdkOf(owner);
  const settledMs = lastReceivedMs + settings.settleMs + sdk.batchDelayMs;
  if (sdk.sendsStarts) return nowMs < settledMs ? waiting(settledMs) : lost("start-lost", "likely");

  const states = ownersOfLog(evidence, owner).map((process) => index.stateOf(process));
  const unended = states.filter(({ state }) => state !== "ended");
  if (unended.length > 0) {
    // While its process lives it may be open for ever (wire.md L11), unless the root above it has ended.
    const overdueMs = lastReceivedMs + settings.staleAfterMs;
    const mayBeOverdue = unended.every(({ state }) => state !== "alive") || hasEndedRoot(evidence);
    if (mayBeOverdue && nowMs >= overdueMs) return lost("overdue", "possible");
    return { ...waiting(earliest([...unended.map((one) => one.lookAgainAtMs), mayBeOverdue ? overdueMs : null])), verdict: "open" };
  }
  const endedMs = Math.max(settledMs, ...states.map((state) => (state.endedMs ?? 0) + settings.settleMs));
  if (nowMs < endedMs) return waiting(endedMs);
  return lost("process-ended", states.some(({ certainty }) => certainty === "possible") ? "possible" : "likely");
}

/**
 * Who may own the span: the process that wrote its logs, once that is seen to have spans of its own in the trace; else, by a context that
 * was inherited over a fork or handed over, any other process here whose SDK tells nothing of starts.
 */
function ownersOfLog(evidence: TraceEvidence, writer: ProcessEvidence): ProcessEvidence[] {
  const index = indexOf(evidence);
  const isForkedChild = index.sdkOf(writer).mayFork && leftInOrder(writer) && !leftByExitHandler(writer);
  if (spanOwners(evidence).has(writer) && !isForkedChild) return [writer];
  const others = [...evidence.processes.values(), ...evidence.neighbours.values()].filter(
    (other) => other !== writer && other.service === writer.service && !index.sdkOf(other).sendsStarts,
  );
  return [writer, ...others];
}

const spanOwners = once((evidence): Set<ProcessEvidence | null> => {
  const owners = ownersOf(evidence);
  return new Set(evidence.spans.map((_, node) => owners.ofNode(node)));
});

const hasEndedRoot = ({ spans, tree }: TraceEvidence): boolean => tree.roots.some((node) => spans[node]?.endTimeUnixNano !== null);

const waiting = (lookAgainAtMs: number | null): Verdict => ({ verdict: "waiting", certainty: "possible", reason: null, lookAgainAtMs });
const lost = (reason: MissingParent["reason"], certainty: Certainty): Verdict => ({
  verdict: "lost",
  certainty,
  reason,
  lookAgainAtMs: null,
});

import type { SpanId } from "@/lib/otel/ids";
import { HAS_IS_REMOTE, IS_REMOTE, type Span, type SpanRecord } from "@/lib/otel/span";
import { msBetween } from "@/lib/otel/time";
import type { TraceEvidence } from "./check";
import { childrenOf, indexOf } from "./evidence-index";
import type { Certainty } from "./finding";
import { cameAsSpan, logOnlySpansOf } from "./log-only-spans";
import { missingParentsOf } from "./missing-parents";
import { once } from "./once";
import { ownersOf } from "./owners";
import type { ProcessEvidence } from "./process-evidence";
import { sdkCapabilitiesOf } from "./sdk-capabilities";

/**
 * R-PEND (wire.md §2.1, W15): logfire-python puts the start of each span into one first-in-first-out queue, before anything that happens in
 * the span. Whenever something of the span has arrived, its start must have arrived too: else the batch with it was lost.
 *
 *   queue of pid 7   [ start of job ] [ start of step, end of step ] [ log in job ] …
 *   received           lost             received: names job as its parent
 */
export interface LostBatch {
  process: ProcessEvidence;
  /** Spans of which nothing came but what their children and logs tell. */
  missing: SpanId[];
  /** Spans whose end came at last; their start, which had to come before, did not. */
  unstarted: Span[];
  /** Children that tell of them, and how many logs do. */
  children: Span[];
  logCount: number;
  /** Server clock of the first and the last record that tells of one of them. */
  firstToldMs: number;
  lastToldMs: number;
  certainty: Certainty;
  /** From when on it may be said, and from when on no batch can be sent again. */
  readyMs: number;
  finalMs: number;
}

/** A failed batch is tried again from disk for up to 128 s at a time (wire.md §2.6); W15 waits 3 min. */
const DISK_RETRY_MS = 180_000;
/** Batches that must have come after the one that tells of the loss. */
const BATCHES_AFTER = 2;

/** One for each process that lost something of this trace. */
export const lostBatchesOf = once((evidence): LostBatch[] => {
  const lost = new Map<ProcessEvidence, Found>();
  const of = (process: ProcessEvidence): Found => {
    const known = lost.get(process) ?? { missing: [], unstarted: [], children: [], logCount: 0, told: [] };
    lost.set(process, known);
    return known;
  };
  for (const { spanId, children, owner, reason } of missingParentsOf(evidence)) {
    if (reason !== "start-lost" || owner === null || !mayTell(evidence, owner)) continue;
    const telling = children.flatMap((child) => localEndOf(child, owner) ?? []);
    if (telling.length === 0) continue;
    const found = of(owner);
    found.missing.push(spanId);
    found.children.push(...children);
    found.told.push(telling.map(({ receivedMs }) => receivedMs));
  }
  for (const { spanId, owner, reason, logs } of logOnlySpansOf(evidence)) {
    const telling = logs.filter(cameAsSpan);
    if (reason !== "start-lost" || telling.length === 0 || !mayTell(evidence, owner)) continue;
    const found = of(owner);
    found.missing.push(spanId);
    found.logCount += logs.length;
    found.told.push(telling.map(({ receivedMs }) => receivedMs));
  }
  for (const { span, owner, told } of unstartedSpans(evidence)) {
    const found = of(owner);
    found.unstarted.push(span);
    found.told.push(told);
  }
  return [...lost].map(([process, found]) => judge(evidence, process, found));
});

/** Missing spans that are told as a lost batch, and so by nobody else. */
export const lostInBatches = once((evidence): ReadonlySet<SpanId> => new Set(lostBatchesOf(evidence).flatMap(({ missing }) => missing)));

interface Found {
  missing: SpanId[];
  unstarted: Span[];
  children: Span[];
  logCount: number;
  /** For each lost start: when records came that tell of it. */
  told: number[][];
}

function judge(evidence: TraceEvidence, process: ProcessEvidence, { told, ...found }: Found): LostBatch {
  const state = indexOf(evidence).stateOf(process);
  const first = told.map((moments) => Math.min(...moments));
  const firstToldMs = Math.min(...first);
  const lastToldMs = Math.max(...told.flat());
  // A process that has ended sends no batch again.
  const hasEnded = state.state === "ended" && state.certainty !== "possible";
  const isGone = hasEnded && state.certainty === "proved";
  const settledMs = lastToldMs + evidence.settings.settleMs;
  const readyMs = hasEnded ? settledMs : lastToldMs + DISK_RETRY_MS;
  const finalMs = isGone ? settledMs : lastToldMs + DISK_RETRY_MS;
  // One lost batch is one gap; several may be a sampler or a filter of single spans.
  const isOneGap = first.every((ms) => ms === firstToldMs);
  const hasFollowers = isGone || batchesAfter(evidence, process, firstToldMs) >= BATCHES_AFTER;
  const isComplete = found.missing.length > 0 && isOneGap && hasFollowers && rootOwner(evidence) === process;
  const isProved = isComplete && evidence.nowMs >= finalMs;
  return { ...found, process, firstToldMs, lastToldMs, readyMs, finalMs, certainty: isProved ? "proved" : "likely" };
}

/** Whether the rule holds for a process: its SDK announces starts in order, nothing stands between, and its records are its own. */
const mayTell = (evidence: TraceEvidence, process: ProcessEvidence): boolean => {
  const known = tellers(evidence).get(process) ?? isOrderly(evidence, process);
  tellers(evidence).set(process, known);
  return known;
};

const tellers = once(() => new Map<ProcessEvidence, boolean>());

function isOrderly(evidence: TraceEvidence, process: ProcessEvidence): boolean {
  const sdk = sdkCapabilitiesOf(process);
  if (!sdk.sendsStarts || !sdk.fifo || sdk.forkedIdentityIsStale) return false;
  if (process.connections.length === 0 || process.connections.some(({ direct }) => !direct)) return false;
  // What hangs below another process's span may have been inherited from it over a fork, and be its loss.
  const root = rootOwner(evidence);
  return root === null ? isAlone(evidence, process) : root === process;
}

/** The process of the trace's one root; null without one. */
const rootOwner = once((evidence): ProcessEvidence | null => {
  const [root] = evidence.tree.roots;
  return root === undefined || evidence.tree.roots.length > 1 ? null : ownersOf(evidence).ofNode(root);
});

const isAlone = (evidence: TraceEvidence, process: ProcessEvidence): boolean =>
  evidence.spans.every((_, node) => ownersOf(evidence).ofNode(node) === process);

/** The end by which a child says that its parent is of its own process. A start says so of every parent (wire.md §2.1). */
const localEndOf = ({ records }: Span, process: ProcessEvidence): SpanRecord | null =>
  records.find(
    ({ phase, flags, processId }) =>
      phase === "end" && processId === process.processId && (flags & (HAS_IS_REMOTE | IS_REMOTE)) === HAS_IS_REMOTE,
  ) ?? null;

/** How many requests of a process brought spans of this trace after a moment. */
function batchesAfter({ spans }: TraceEvidence, { processId }: ProcessEvidence, ms: number): number {
  const requests = new Set<string>();
  for (const { records } of spans)
    for (const record of records) if (record.processId === processId && record.receivedMs > ms) requests.add(record.requestId);
  return requests.size;
}

/**
 * L14: spans whose end is all that came of them, though something that happened in them had come in an earlier batch. The start was not left
 * out because the end was in the same batch (Logfire does that), so it was lost.
 */
function unstartedSpans(evidence: TraceEvidence): { span: Span; owner: ProcessEvidence; told: number[] }[] {
  const { spans, isCut } = evidence;
  if (isCut) return [];
  const { sendsStarts, logsBySpan } = indexOf(evidence);
  return spans.flatMap((span, node) => {
    const end = span.records[0];
    if (end?.phase !== "end" || span.endTimeUnixNano === null || !sendsStarts.has(span.processId)) return [];
    const owner = indexOf(evidence).processOf(span.processId);
    const delayMs = owner === null ? 0 : sdkCapabilitiesOf(owner).batchDelayMs;
    if (owner === null || msBetween(span.startTimeUnixNano, span.endTimeUnixNano) < UNSTARTED_DELAYS * delayMs) return [];
    if (span.records.some(({ phase }) => phase !== "end") || ownersOf(evidence).ofNode(node) !== owner || !mayTell(evidence, owner))
      return [];
    const isBefore = (time: bigint | null, receivedMs: number) =>
      time !== null && time < (span.endTimeUnixNano ?? 0n) && receivedMs + delayMs <= end.receivedMs;
    const children = childrenOf(evidence, node).flatMap((child) => localEndOf(child, owner) ?? []);
    const logs = (logsBySpan.get(span.spanId) ?? []).filter((log) => log.processId === owner.processId && cameAsSpan(log));
    const told = [
      ...children.filter(({ endTimeUnixNano, receivedMs }) => isBefore(endTimeUnixNano, receivedMs)),
      ...logs.filter(({ timeUnixNano, receivedMs }) => isBefore(timeUnixNano, receivedMs)),
    ].map(({ receivedMs }) => receivedMs);
    return told.length === 0 ? [] : [{ span, owner, told }];
  });
}

/** wire.md L14: a span shorter than this many batches may have had start and end in one. */
const UNSTARTED_DELAYS = 3;

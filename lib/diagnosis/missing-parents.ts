import { type SpanId, ulidTimeMs } from "@/lib/otel/ids";
import { HAS_IS_REMOTE, IS_REMOTE, type Span } from "@/lib/otel/span";
import { isSaneTime, msOf } from "@/lib/otel/time";
import type { TraceEvidence } from "./check";
import { earliest } from "./earliest";
import { childrenOf, indexOf } from "./evidence-index";
import { isExternal } from "./external-callers";
import type { Certainty } from "./finding";
import { once } from "./once";
import { flushedAndLeft, leftByExitHandler } from "./orderly-exit";
import { ownersOf } from "./owners";
import { parentElsewhere } from "./parents-elsewhere";
import type { ProcessEvidence } from "./process-evidence";

/**
 * A span that children name and nobody sent (wire.md O1), and what is to be thought of it. A parent of an SDK that reports only ends is
 * most often still running: it is lost once the process that must own it has ended, or once nothing can be expected of it any more.
 *
 *   (batch)                                          verdict of batch
 *     report 1   |----|          @w1   w1 alive      open       (L11: its end will bring it)
 *     report 2         |----|    @w1   w1 ended      lost       (O2: never ended, or lost at the exit)
 *   (call)
 *     serve        |---| server  remote              waiting, then lost: the caller's batch would have come by now (O3)
 */
export interface MissingParent {
  spanId: SpanId;
  children: Span[];
  /** Whether it belongs to its children's own process (O2) or to another (O3). */
  location: "local" | "remote";
  /** The process that it must, or may, belong to; null where none is known. */
  owner: ProcessEvidence | null;
  /** `elsewhere`: it was received in another trace (wire.md P10). `purged`: it may have been here, and was too old to be kept. */
  verdict: "waiting" | "open" | "lost" | "sampled" | "elsewhere" | "purged";
  /** How sure we are that it will never come; for the verdict `lost`. */
  certainty: Certainty;
  reason: LostReason | null;
  /** Server clock of the youngest of its children's records. */
  lastReceivedMs: number;
  /** When its trace began by its ULID, where that is well before the first span, Unix ms (wire.md O4). */
  rootStartMs: number | null;
  lookAgainAtMs: number | null;
}

/** `process-ended`: its owner has; `start-lost`: the SDK announces starts and did not announce it; `nobody`: nobody known can own it; `overdue`. */
export type LostReason = "process-ended" | "start-lost" | "nobody" | "overdue";

/** The slowest batch of the SDKs we know (OpenTelemetry's 5 s): what a caller whose SDK is unknown may still hold back. */
const UNKNOWN_SDK_DELAY_MS = 5_000;

/** The missing parents of a trace in the order of their earliest child. */
export const missingParentsOf = once((evidence): MissingParent[] =>
  evidence.tree.missing.map((spanId, i) => judge(evidence, spanId, evidence.tree.spanCount + i)),
);

type Facts = Pick<MissingParent, "spanId" | "children" | "lastReceivedMs" | "rootStartMs">;
type Judgement = Omit<MissingParent, keyof Facts>;

function judge(evidence: TraceEvidence, spanId: SpanId, node: number): MissingParent {
  const children = childrenOf(evidence, node);
  let lastReceivedMs = 0;
  for (const { records } of children) for (const { receivedMs } of records) lastReceivedMs = Math.max(lastReceivedMs, receivedMs);
  const facts: Facts = { spanId, children, lastReceivedMs, rootStartMs: rootStartOf(evidence, children) };
  if (evidence.isCut) return { ...facts, ...waiting("remote", null, null), verdict: "purged" };
  if (parentElsewhere(evidence, spanId, children) !== null) return { ...facts, ...waiting("remote", null, null), verdict: "elsewhere" };
  return { ...facts, ...judgeByPlace(evidence, node, facts) };
}

function judgeByPlace(evidence: TraceEvidence, node: number, facts: Facts): Judgement {
  const local = localOwners(evidence, node, facts.children);
  if (local === null) return judgeRemote(evidence, facts);
  if (local.length === 1 && local[0]) return judgeLocal(evidence, facts, local[0]);
  // Local to several processes: it belongs to the one that they were forked from.
  return judgeElsewhere(evidence, facts, new Set(local.map((process) => process?.processId)), "local");
}

/** The processes of the children that say the parent is local, or null when none says so. Zipkin and old SDKs say nothing: the kind tells. */
function localOwners(evidence: TraceEvidence, node: number, children: readonly Span[]): (ProcessEvidence | null)[] | null {
  const { tree } = evidence;
  const owners = new Set<ProcessEvidence | null>();
  for (const [i, child] of children.entries()) {
    if (isLocal(child)) owners.add(ownersOf(evidence).ofNode(tree.childList[(tree.childStart[node] as number) + i] as number));
  }
  return owners.size === 0 ? null : [...owners];
}

function isLocal({ kind, records }: Span): boolean {
  // A Logfire pending says "local" of every parent (wire.md §2.1); its end tells.
  const said = records.find(({ dialect, flags }) => dialect !== "logfire-pending" && (flags & HAS_IS_REMOTE) !== 0);
  if (said) return (said.flags & IS_REMOTE) === 0;
  return !isRemoteKind(kind) && !records.some(({ dialect, flags }) => dialect !== "logfire-pending" && (flags & IS_REMOTE) !== 0);
}

const isRemoteKind = (kind: Span["kind"]): boolean => kind === "server" || kind === "consumer";

function judgeLocal(evidence: TraceEvidence, facts: Facts, owner: ProcessEvidence): Judgement {
  const { nowMs, settings } = evidence;
  const index = indexOf(evidence);
  const sdk = index.sdkOf(owner);
  const state = index.stateOf(owner);
  const settledMs = facts.lastReceivedMs + settings.settleMs + sdk.batchDelayMs;
  if (sdk.sendsStarts) {
    if (nowMs < settledMs) return waiting("local", owner, settledMs);
    if (isSampledAway(evidence, facts)) return { ...waiting("local", owner, null), verdict: "sampled" };
    return lost("local", owner, "start-lost", "likely");
  }
  if (state.state === "ended" && state.certainty !== "possible") {
    // A forked worker that flushed and left says nothing of the parent that it was forked from.
    if (sdk.mayFork && flushedAndLeft(owner) && !leftByExitHandler(owner)) {
      return judgeElsewhere(evidence, facts, new Set([owner.processId]), "local");
    }
    const endedMs = Math.max(state.endedMs ?? 0, facts.lastReceivedMs) + settings.settleMs;
    return nowMs < endedMs ? waiting("local", owner, endedMs) : lost("local", owner, "process-ended", state.certainty ?? "likely");
  }
  return judgeUnendedOwner(evidence, facts, owner, "local", state.lookAgainAtMs);
}

/** Its owner lives, or may: open, until nothing came of it for as long as an open span takes to be stale. */
function judgeUnendedOwner(
  evidence: TraceEvidence,
  facts: Facts,
  owner: ProcessEvidence | null,
  location: MissingParent["location"],
  lookAgainAtMs: number | null,
): Judgement {
  const { nowMs, settings } = evidence;
  const isAlive = owner !== null && indexOf(evidence).stateOf(owner).state === "alive";
  const overdueMs = facts.lastReceivedMs + settings.staleAfterMs;
  // While its owner lives it may be open for ever, unless the root above it has ended.
  const mayBeOverdue = !isAlive || hasEndedRoot(evidence);
  if (mayBeOverdue && nowMs >= overdueMs) return lost(location, owner, "overdue", "possible");
  const open = { ...waiting(location, owner, earliest([lookAgainAtMs, mayBeOverdue ? overdueMs : null])) };
  return { ...open, verdict: "open" };
}

function judgeRemote(evidence: TraceEvidence, facts: Facts): Judgement {
  const { nowMs, settings } = evidence;
  if (facts.children.some((child) => isRemoteKind(child.kind))) {
    // A call's client side ends soon after its server side, so its batch must come …
    const settledMs = facts.lastReceivedMs + settings.settleMs + UNKNOWN_SDK_DELAY_MS;
    if (nowMs < settledMs) return waiting("remote", null, settledMs);
    // … unless the context was handed over in a span that goes on: a job that calls, a stream that is read, a batch that is published.
    const overdueMs = facts.lastReceivedMs + settings.staleAfterMs;
    if (nowMs < overdueMs && mayHaveLivingCaller(evidence, facts)) {
      const againMs = nowMs + Math.max(AGAIN_MS, nowMs - facts.lastReceivedMs);
      return { ...waiting("remote", null, Math.min(againMs, overdueMs)), verdict: "open" };
    }
    return lost("remote", null, "nobody", "likely");
  }
  return judgeElsewhere(evidence, facts, new Set(facts.children.map((child) => child.processId)), "remote");
}

/** The end of a program that never calls is not told to the traces of those it might have called: looked for again, ever more seldom. */
const AGAIN_MS = 5_000;

/** Whether a program lives that reports only ends and was there when the first child began; not where callers are known to be outside (O3b). */
function mayHaveLivingCaller(evidence: TraceEvidence, { children }: Facts): boolean {
  const index = indexOf(evidence);
  const habits = children.map(({ service }) => evidence.remoteParents.get(service));
  if (habits.some((habit) => habit !== undefined && isExternal(habit))) return false;
  const served = new Set(children.map(({ processId }) => processId));
  const firstChildMs = earliestStartMs(children);
  return [...evidence.processes.values(), ...evidence.neighbours.values()].some(
    (process) =>
      !served.has(process.processId) &&
      !index.sdkOf(process).sendsStarts &&
      process.connections.some(({ openedMs }) => openedMs <= firstChildMs) &&
      LIVES.has(index.stateOf(process).because),
  );
}

/** What is seen to live now; what was merely heard lately may be gone. */
const LIVES: ReadonlySet<string> = new Set(["seen-alive", "connection-open"]);

/** It belongs to a process other than its children's: one of those around, or one that has not sent anything yet. */
function judgeElsewhere(
  evidence: TraceEvidence,
  facts: Facts,
  children: ReadonlySet<string | undefined>,
  location: MissingParent["location"],
): Judgement {
  const { nowMs, settings } = evidence;
  const index = indexOf(evidence);
  const settledMs = facts.lastReceivedMs + settings.settleMs + UNKNOWN_SDK_DELAY_MS;
  if (isSampledAway(evidence, facts)) return { ...waiting(location, null, null), verdict: "sampled" };

  const suspects = suspectsOf(evidence, facts, children);
  const living = suspects.filter((process) => index.stateOf(process).state !== "ended");
  if (living.length > 0) {
    const lookAgain = earliest(living.map((process) => index.stateOf(process).lookAgainAtMs));
    return judgeUnendedOwner(evidence, facts, living[0] ?? null, location, lookAgain);
  }
  if (isAnnouncedByItsSdk(evidence, facts)) {
    return nowMs < settledMs ? waiting(location, null, settledMs) : lost(location, null, "start-lost", "possible");
  }
  const [suspect] = suspects;
  if (!suspect) return judgeUnendedOwner(evidence, facts, null, location, null);
  const endedMs = Math.max(settledMs, (index.stateOf(suspect).endedMs ?? 0) + settings.settleMs);
  if (nowMs < endedMs) return waiting(location, suspect, endedMs);
  const isProved = suspects.length === 1 && index.stateOf(suspect).certainty !== "possible";
  return lost(location, suspect, "process-ended", isProved ? "likely" : "possible");
}

/** Processes that may own the parent of others' spans: of the same service, there when the first child began, and silent about starts. */
function suspectsOf(evidence: TraceEvidence, { children }: Facts, exclude: ReadonlySet<string | undefined>): ProcessEvidence[] {
  const index = indexOf(evidence);
  const services = new Set(children.map((child) => child.service));
  const firstChildMs = earliestStartMs(children);
  const all = [...evidence.processes.values(), ...evidence.neighbours.values()];
  // Threads may hand a context over inside one process and call it remote (wire.md P3).
  const isOwn = (process: ProcessEvidence) => exclude.size === 1 && exclude.has(process.processId) && !index.sdkOf(process).mayFork;
  return all
    .filter((process) => !exclude.has(process.processId) || isOwn(process))
    .filter((process) => !index.sdkOf(process).sendsStarts && (services.has(process.service) || evidence.processes.has(process.processId)))
    .filter((process) => process.lastReceivedMs >= firstChildMs || closedAfter(process, firstChildMs))
    .sort((a, b) => a.firstReceivedMs - b.firstReceivedMs);
}

const closedAfter = (process: ProcessEvidence, ms: number): boolean =>
  process.connections.some(({ closedMs }) => closedMs === null || closedMs >= ms);

const hasEndedRoot = ({ spans, tree }: TraceEvidence): boolean => {
  for (const node of tree.roots) if (spans[node]?.endTimeUnixNano !== null) return true;
  return false;
};

/**
 * O10: Logfire made the trace id, so the root began when the id says; its start would have been announced long before the first span that
 * came, and was not: the root was sampled away, and what outlived it was exported without it. Not an orphan's fault.
 */
function isSampledAway(evidence: TraceEvidence, { rootStartMs, children }: Facts): boolean {
  if (rootStartMs === null || evidence.tree.roots.length > 0) return false;
  const index = indexOf(evidence);
  const aheadMs = firstStartMs(evidence) - rootStartMs;
  return children.every((child) => {
    const process = index.processOf(child.processId);
    if (process === null || !index.sdkOf(process).sendsStarts) return false;
    const { batchDelayMs } = index.sdkOf(process);
    if (aheadMs > 3 * batchDelayMs) return true;
    return isOnlySender(evidence, process) && (aheadMs > batchDelayMs || process.firstReceivedMs < rootStartMs);
  });
}

/**
 * Nobody else had a part in the trace, and nobody writes into its connections: then the root was its own, and the batch before the one that
 * came was not lost on the way.
 */
const isOnlySender = ({ processes }: TraceEvidence, { processId, connections }: ProcessEvidence): boolean =>
  processes.size === 1 && processes.has(processId) && connections.every(({ processIds }) => processIds.length === 1);

/** Logfire made the trace, and all who sent of it announce their starts: so would have the parent. */
function isAnnouncedByItsSdk(evidence: TraceEvidence, { rootStartMs }: Facts): boolean {
  const index = indexOf(evidence);
  return rootStartMs !== null && [...evidence.processes.values()].every((process) => index.sdkOf(process).sendsStarts);
}

/** When the first span of the trace began by its sender's clock, Unix ms. */
const firstStartMs = once(({ spans }) => earliestStartMs(spans));

function earliestStartMs(spans: readonly Span[]): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { startTimeUnixNano } of spans) if (isSaneTime(startTimeUnixNano)) first = Math.min(first, msOf(startTimeUnixNano));
  return first;
}

/** wire.md §2.4: trace ids of Logfire SDKs hold the ms at which their root was made. */
function rootStartOf(evidence: TraceEvidence, children: readonly Span[]): number | null {
  const first = children[0];
  if (!first || evidence.tree.roots.length > 0) return null;
  const startMs = ulidTimeMs(evidence.traceId, msOf(first.startTimeUnixNano));
  return startMs !== null && startMs <= msOf(first.startTimeUnixNano) ? startMs : null;
}

const waiting = (location: MissingParent["location"], owner: ProcessEvidence | null, lookAgainAtMs: number | null): Judgement => ({
  location,
  owner,
  verdict: "waiting",
  certainty: "possible",
  reason: null,
  lookAgainAtMs,
});

const lost = (location: MissingParent["location"], owner: ProcessEvidence | null, reason: LostReason, certainty: Certainty): Judgement => ({
  location,
  owner,
  verdict: "lost",
  certainty,
  reason,
  lookAgainAtMs: null,
});

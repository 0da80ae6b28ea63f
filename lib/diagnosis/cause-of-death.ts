import { HAS_IS_REMOTE, IS_REMOTE, type Span } from "@/lib/otel/span";
import { msOf } from "@/lib/otel/time";
import type { TraceEvidence } from "./check";
import { indexOf, templateOf } from "./evidence-index";
import type { RankedCause, Sentence } from "./finding";
import type { OpenSpan } from "./open-spans";
import { closedMsOf, leftInOrder } from "./orderly-exit";
import { ownersOf } from "./owners";
import type { ProcessEvidence } from "./process-evidence";
import { processLabel, sentence } from "./sentences";
import type { SentenceId } from "./words";

/** Processes that end so close to each other were ended by one hand; a parent that exits takes its daemons with it at once. */
const TOGETHER_MS = 100;
/** How long after a parent's exit its daemons end, and how long before the end of its span the children that it terminated there. */
const PARENT_EXIT_BEFORE_MS = 150;
const PARENT_SPAN_AFTER_MS = 250;
const SIBLINGS_MAX = 1_000;

/**
 * Why a process that ended left spans open, best supported first. On the wire a SIGKILL, a crash and an `os._exit` look alike; what tells
 * them apart is what happened around:
 *
 *   parent     |---------------|      its span ends, or it exits, as the child ends:  stopped-by-parent
 *   child        |........✕
 *   child 2      |........✕           … and several children end in the same instant
 *
 *   child        |........✕           a forked child of an SDK that does not flush when it leaves: exited-without-flush
 */
export function causesOfDeath(evidence: TraceEvidence, owner: ProcessEvidence, endedMs: number, open: OpenSpan | null): RankedCause[] {
  const sdk = indexOf(evidence).sdkOf(owner);
  const isForked = sdk.mayFork && (ownersOf(evidence).isForkedCopy(owner) || (open !== null && hasLocalParentElsewhere(evidence, open)));
  const stopped = stoppedByParent(evidence, owner, endedMs, open);
  const died: RankedCause = {
    id: "process-died",
    certainty: "possible",
    because: sentence("because.process-died", { process: processLabel(owner), at: endedMs }),
  };
  if (isForked && !sdk.flushesAtForkExit) {
    const exited: RankedCause = {
      id: "exited-without-flush",
      certainty: "likely",
      because: sentence("because.fork-exit", { process: processLabel(owner) }),
    };
    return stopped?.together ? [stopped.cause, exited, died] : [exited, died];
  }
  if (stopped !== null) return [stopped.cause, died];
  return [{ ...died, certainty: "likely" }, exitedUnsent(owner, endedMs)];
}

/** The queue of a program that leaves by itself may hold what was never sent: always possible, never to be seen. */
const exitedUnsent = (owner: ProcessEvidence, endedMs: number): RankedCause => ({
  id: "exited-without-flush",
  certainty: "possible",
  because: sentence("because.unsent", { process: processLabel(owner), duration: Math.max(0, endedMs - owner.lastReceivedMs) }),
});

/**
 * A live parent in another process, not propagated but copied: only fork does that (wire.md P2). A Logfire pending says "local" of every
 * parent (§2.1), so it is no witness.
 */
function hasLocalParentElsewhere({ spans, tree }: TraceEvidence, { span, node }: OpenSpan): boolean {
  const parent = spans[tree.parent[node] as number];
  if (parent === undefined || parent.processId === span.processId) return false;
  return span.records.some(
    ({ dialect, flags }) => dialect !== "logfire-pending" && (flags & HAS_IS_REMOTE) !== 0 && (flags & IS_REMOTE) === 0,
  );
}

function stoppedByParent(evidence: TraceEvidence, owner: ProcessEvidence, endedMs: number, open: OpenSpan | null) {
  const parent = open === null ? null : spanAbove(evidence, open);
  const others = [...evidence.processes.values(), ...evidence.neighbours.values()].filter((other) => other.processId !== owner.processId);
  const endMs = (process: ProcessEvidence) => (indexOf(evidence).stateOf(process).state === "ended" ? closedMsOf(process) : null);
  const together = others.filter((other) => isNear(endMs(other), endedMs) && other.service === owner.service && !leftInOrder(other));

  const parentEndMs = parent?.endTimeUnixNano ? msOf(parent.endTimeUnixNano) : null;
  if (parent !== null && parentEndMs !== null && parentEndMs >= endedMs - TOGETHER_MS && parentEndMs <= endedMs + PARENT_SPAN_AFTER_MS) {
    return stoppedBecause("because.parent-span-ended", { span: parent.name, at: parentEndMs }, together.length > 0);
  }
  const siblings = siblingsOf(evidence, open);
  const exited = others.find(
    (other) => !siblings.has(other.processId) && isParentsExit(other, owner, endedMs) && !others.some((elder) => outlives(elder, other)),
  );
  if (exited) return stoppedBecause("because.parent-exited", { process: processLabel(exited), at: closedMsOf(exited) ?? endedMs }, true);
  return null;
}

/** Processes whose work hangs beside the open span's, not above it. */
function siblingsOf(evidence: TraceEvidence, open: OpenSpan | null): Set<string> {
  if (open === null) return new Set();
  const { spans, tree } = evidence;
  const owners = ownersOf(evidence);
  const top = owners.topOf(open.node);
  const above = tree.parent[top] as number;
  if (above < 0) return new Set();
  const nodes = tree.childList.subarray(
    tree.childStart[above],
    Math.min(tree.childStart[above + 1] as number, (tree.childStart[above] as number) + SIBLINGS_MAX),
  );
  const template = templateOf(spans[top]?.name ?? "");
  return new Set(
    [...nodes].filter((node) => templateOf(spans[node]?.name ?? "") === template).map((node) => owners.ofNode(node)?.processId ?? ""),
  );
}

function stoppedBecause(id: SentenceId, args: Sentence["args"], together: boolean): { cause: RankedCause; together: boolean } {
  return { cause: { id: "stopped-by-parent", certainty: "likely", because: sentence(id, args) }, together };
}

/** The nearest span above that another process owns. */
function spanAbove(evidence: TraceEvidence, { node }: OpenSpan): Span | null {
  return evidence.spans[evidence.tree.parent[ownersOf(evidence).topOf(node)] as number] ?? null;
}

const isNear = (a: number | null, b: number): boolean => a !== null && Math.abs(a - b) <= TOGETHER_MS;

/** An older process of the same program that was there after `other` had left: then the two are its workers, not each other's parent. */
function outlives(elder: ProcessEvidence, other: ProcessEvidence): boolean {
  if (elder.service !== other.service || elder.host !== other.host || elder.firstReceivedMs >= other.firstReceivedMs) return false;
  const [elderMs, otherMs] = [closedMsOf(elder), closedMsOf(other)];
  return otherMs !== null && (elderMs === null || elderMs > otherMs);
}

/** An older process of the same program that left in good order just before: its daemons are terminated as it exits. */
function isParentsExit(other: ProcessEvidence, owner: ProcessEvidence, endedMs: number): boolean {
  const closed = closedMsOf(other);
  if (closed === null || other.service !== owner.service || other.host !== owner.host) return false;
  return (
    other.firstReceivedMs < owner.firstReceivedMs && leftInOrder(other) && closed <= endedMs && closed >= endedMs - PARENT_EXIT_BEFORE_MS
  );
}

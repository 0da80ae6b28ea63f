import type { Span } from "@/lib/otel/span";
import { msBetween } from "@/lib/otel/time";
import type { TraceEvidence } from "./check";
import { childrenOf, indexOf, templateOf } from "./evidence-index";
import type { Certainty } from "./finding";
import { once } from "./once";
import { ownersOf } from "./owners";
import type { ProcessEvidence, ProcessState } from "./process-evidence";

/**
 * A span whose surroundings have all ended and whose process is silent (wire.md L4):
 *
 *   parent        |---------------------|
 *     worker 0      |-----------|          @w0
 *     worker 1      |.......                @w1   silent since
 *     worker 2      |---------------|      @w2
 */
export interface LeftBehind {
  /** The span above it that another process has closed. */
  ancestor: Span;
  /** Its like in other processes that ended well. */
  siblings: Span[];
  /** Its ancestor below the closed one: the top of what was left behind. */
  top: Span;
  certainty: Certainty;
  /** From when on this may be said, server clock, Unix ms. */
  sinceMs: number;
}

/** A slow worker is not a lost one: it gets twice the time of its slowest sibling. */
const SLOWEST_FACTOR = 2;

/** Whether the open span of `node` was left behind, or would be at `sinceMs` if nothing came until then; null where nothing points to it. */
export function leftBehindOf(
  evidence: TraceEvidence,
  node: number,
  owner: ProcessEvidence | null,
  process: ProcessState,
): LeftBehind | null {
  if (owner === null || process.because === "seen-alive" || process.because === "connection-open") return null;
  const topNode = ownersOf(evidence).topOf(node);
  const ancestorNode = evidence.tree.parent[topNode] as number;
  const top = evidence.spans[topNode];
  const ancestor = evidence.spans[ancestorNode];
  if (!top || !ancestor || ancestor.endTimeUnixNano === null) return null;
  const ancestorEnd = ancestor.records.find((record) => record.phase === "end" && record.endTimeUnixNano === ancestor.endTimeUnixNano);

  const siblings = closedChildren(evidence, ancestorNode, templateOf(top.name)).filter(({ processId }) => processId !== owner.processId);
  if (siblings.length === 0 || ancestorEnd === undefined) return null;
  const slowestMs = Math.max(...siblings.map(durationMs));
  const { settings } = evidence;
  const quietMs = Math.max(settings.settleMs, 3 * indexOf(evidence).sdkOf(owner).batchDelayMs, 3 * (owner.longestPauseMs ?? 0));
  const sinceMs = Math.max(
    ancestorEnd.receivedMs + settings.settleMs,
    owner.lastReceivedMs + quietMs,
    (top.records[0]?.receivedMs ?? 0) + SLOWEST_FACTOR * slowestMs,
  );
  return { ancestor, siblings, top, certainty: siblings.length >= 2 ? "likely" : "possible", sinceMs };
}

const durationMs = (span: Span): number => msBetween(span.startTimeUnixNano, span.endTimeUnixNano ?? span.startTimeUnixNano);

/** Enough siblings to judge by; a parent may have a hundred thousand children. */
const SIBLINGS_MAX = 100;
const closedByKey = once(() => new Map<string, Span[]>());

/** Children of `node` of one template that have ended, at most SIBLINGS_MAX. */
function closedChildren(evidence: TraceEvidence, node: number, template: string): Span[] {
  const byKey = closedByKey(evidence);
  const key = `${node} ${template}`;
  let closed = byKey.get(key);
  if (!closed) {
    closed = childrenOf(evidence, node)
      .filter((child) => child.endTimeUnixNano !== null && templateOf(child.name) === template)
      .slice(0, SIBLINGS_MAX);
    byKey.set(key, closed);
  }
  return closed;
}

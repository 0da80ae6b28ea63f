import type { Span } from "@/lib/otel/span";
import { isSaneTime, msBetween } from "@/lib/otel/time";
import { indexOf, templateOf } from "./evidence-index";
import { once } from "./once";
import { ownersOf } from "./owners";
import type { ProcessEvidence } from "./process-evidence";

/** Children that began after their parent had ended, by one clock (wire.md P4). */
export interface LateChildren {
  parent: Span;
  parentNode: number;
  children: Span[];
  /** How long after the parent's end the first of them began, ms. */
  afterMs: number;
  /** Whether they ran in their parent's own process. */
  isSameProcess: boolean;
}

/** Below this, two readings of one clock have no order (wire.md P4). */
const CLOCK_GRAIN_MS = 2;
/** Clocks of machines that are kept in step, read on their ways from one address: most often one machine's, at worst of one network. */
const ADDRESS_GRAIN_MS = 50;

/** In reading order. Messages are consumed after they were produced, and calls are served on other clocks: neither counts. */
export const lateChildrenOf = once((evidence): LateChildren[] => {
  const { spans, tree } = evidence;
  const owners = ownersOf(evidence);
  const late = new Map<number, LateChildren>();
  for (const node of tree.order) {
    const span = spans[node];
    const parentNode = tree.parent[node] as number;
    const parent = spans[parentNode];
    if (!span || !parent || parent.endTimeUnixNano === null || span.kind === "consumer" || span.kind === "server") continue;
    if (!isSaneTime(span.startTimeUnixNano) || !isSaneTime(parent.endTimeUnixNano)) continue;
    const afterMs = msBetween(parent.endTimeUnixNano, span.startTimeUnixNano);
    if (afterMs <= CLOCK_GRAIN_MS) continue;
    const [owner, parentOwner] = [owners.ofNode(node), owners.ofNode(parentNode)];
    if (owner === null || parentOwner === null || afterMs <= grainMsBetween(owner, parentOwner)) continue;
    const known = late.get(parentNode);
    if (known) known.children.push(span);
    else late.set(parentNode, { parent, parentNode, children: [span], afterMs, isSameProcess: owner === parentOwner });
  }
  return [...late.values()];
});

/** How far apart (ms) two readings of the clocks of `a` and `b` must be to have an order. Plain OpenTelemetry names no host. */
function grainMsBetween(a: ProcessEvidence, b: ProcessEvidence): number {
  if (a === b || (a.host !== null && a.host === b.host)) return CLOCK_GRAIN_MS;
  const peer = peerOf(a);
  if (a.host !== null || b.host !== null || peer === null || peer !== peerOf(b)) return Number.POSITIVE_INFINITY;
  return isLoopback(peer) ? CLOCK_GRAIN_MS : ADDRESS_GRAIN_MS;
}

/** The one address that a process sends from, with nobody between; else null. */
function peerOf({ connections }: ProcessEvidence): string | null {
  const [first] = connections;
  return first && connections.every(({ direct, peer }) => direct && peer === first.peer) ? first.peer : null;
}

const isLoopback = (peer: string): boolean => /^(127\.|::1$|::ffff:127\.)/.test(peer);

/**
 * P13: each span of one template is a child of the one before and begins after its end.
 *
 *   consume message    |---|
 *     consume message        |---|
 *       consume message            |---|
 */
export interface Ladder {
  spans: Span[];
}

/** Fewer rungs are background work (P4). */
const RUNGS_MIN = 3;

export const laddersOf = once((evidence): Ladder[] => {
  const late = new Map(lateChildrenOf(evidence).map((one) => [one.parent, one]));
  const rungs = new Map<Span, Span>();
  for (const { parent, children, isSameProcess } of late.values()) {
    const next = children.find((child) => templateOf(child.name) === templateOf(parent.name));
    if (isSameProcess && next) rungs.set(parent, next);
  }
  const higher = new Set(rungs.values());
  const ladders: Ladder[] = [];
  for (const first of rungs.keys()) {
    if (higher.has(first)) continue;
    const spans = [first];
    for (let next = rungs.get(first); next; next = rungs.get(next)) spans.push(next);
    if (spans.length >= RUNGS_MIN) ladders.push({ spans });
  }
  return ladders;
});

/** The process of a span as far as it is known. */
export const processOfSpan = (evidence: Parameters<typeof indexOf>[0], span: Span): ProcessEvidence | null =>
  indexOf(evidence).processOf(span.processId);

import type { Span } from "@/lib/otel/span";
import { isSaneTime, msBetween } from "@/lib/otel/time";
import type { TraceEvidence } from "./check";
import { templateOf } from "./evidence-index";
import { once } from "./once";
import { ownersOf } from "./owners";
import type { ProcessEvidence } from "./process-evidence";
import { sharedIdsOf } from "./shared-ids";

/** A child that does not lie within its parent, by one clock. */
export interface Misfit {
  child: Span;
  parent: Span;
  /** By how much it begins before its parent, or ends after it, ms. */
  byMs: number;
  isSameProcess: boolean;
}

/** The misfits of one group, the greatest before the others. */
export function greatestFirst(misfits: readonly Misfit[]): [Misfit, ...Misfit[]] {
  const greatest = misfits.reduce((a, b) => (b.byMs > a.byMs ? b : a));
  return [greatest, ...misfits.filter((one) => one !== greatest)];
}

/** Misfits by what they are: one line of code makes thousands of them. Keyed by service and the templates of parent and child. */
export type MisfitGroups = ReadonlyMap<string, Misfit[]>;

/** Below this, two readings of one clock in one process have no order (wire.md P4, P6). */
const CLOCK_GRAIN_MS = 2;
/** Two processes of one host read one clock each in its own way: some SDKs count on from when they started (wire.md P4: skew bound + 50 ms). */
const HOST_GRAIN_MS = 50;

/**
 * Children that begin before their parent (wire.md P6), and children that go on after it has ended (P7). Not what messages do: a receiver may
 * be there before the message, and it works on when the sender has gone. Not calls between hosts: that is a matter of clocks (T1).
 */
export const misfitsOf = once((evidence): { early: MisfitGroups; outliving: MisfitGroups } => {
  const { spans, tree } = evidence;
  const early = new Map<string, Misfit[]>();
  const outliving = new Map<string, Misfit[]>();
  for (const node of tree.order) {
    const child = spans[node];
    const parentNode = tree.parent[node] as number;
    const parent = spans[parentNode];
    if (!child || !parent) continue;
    const isEarly = child.startTimeUnixNano < parent.startTimeUnixNano;
    if (!isEarly && !outlives(child, parent)) continue;
    const misfit = judge(evidence, node, parentNode, isEarly);
    if (misfit !== null) note(isEarly ? early : outliving, misfit);
  }
  return { early, outliving };
});

/** It began while its parent was open: what begins later still is another matter (P4). */
const outlives = (child: Span, parent: Span): boolean =>
  child.endTimeUnixNano !== null &&
  parent.endTimeUnixNano !== null &&
  child.endTimeUnixNano > parent.endTimeUnixNano &&
  child.startTimeUnixNano <= parent.endTimeUnixNano;

function judge(evidence: TraceEvidence, node: number, parentNode: number, isEarly: boolean): Misfit | null {
  const [child, parent] = [evidence.spans[node] as Span, evidence.spans[parentNode] as Span];
  if (child.kind === "consumer" || parent.kind === "producer" || (child.kind === "server" && !isEarly)) return null;
  if (endsBeforeStart(child) || endsBeforeStart(parent)) return null;
  const shared = sharedIdsOf(evidence);
  if (shared.has(child.spanId) || shared.has(parent.spanId)) return null;
  const byMs = apartMs(child, parent, isEarly);
  const owners = ownersOf(evidence);
  const [owner, parentOwner] = [owners.ofNode(node), owners.ofNode(parentNode)];
  if (owner === null || parentOwner === null || byMs <= grainMs(owner, parentOwner)) return null;
  return { child, parent, byMs, isSameProcess: owner === parentOwner };
}

/** How far the child begins before its parent, or ends after it, ms; 0 where a time cannot be. */
function apartMs(child: Span, parent: Span, isEarly: boolean): number {
  const [from, to] = isEarly
    ? [child.startTimeUnixNano, parent.startTimeUnixNano]
    : [parent.endTimeUnixNano ?? 0n, child.endTimeUnixNano ?? 0n];
  return isSaneTime(from) && isSaneTime(to) ? msBetween(from, to) : 0;
}

/** Below how many ms two readings of these processes' clocks have no order; without end where they are not one clock. */
function grainMs(a: ProcessEvidence, b: ProcessEvidence): number {
  if (a === b) return CLOCK_GRAIN_MS;
  return haveOneClock(a, b) ? HOST_GRAIN_MS : Number.POSITIVE_INFINITY;
}

/** Such a span has a finding of its own (impossible-times), and its times say nothing more. */
const endsBeforeStart = ({ startTimeUnixNano, endTimeUnixNano }: Span): boolean =>
  endTimeUnixNano !== null && endTimeUnixNano < startTimeUnixNano;

/** Machines may share a name (wire.md §11), so what is known of their addresses must not speak against it. */
function haveOneClock(a: ProcessEvidence, b: ProcessEvidence): boolean {
  if (a.host === null || a.host !== b.host) return false;
  const [peer, other] = [peerOf(a), peerOf(b)];
  return peer === null || other === null || peer === other;
}

const peerOf = ({ connections }: ProcessEvidence): string | null => connections.find(({ direct }) => direct)?.peer ?? null;

function note(groups: Map<string, Misfit[]>, misfit: Misfit): void {
  const { child, parent } = misfit;
  const key = `${child.service} ${templateOf(parent.name)} > ${templateOf(child.name)}`;
  const known = groups.get(key);
  if (known) known.push(misfit);
  else groups.set(key, [misfit]);
}

import type { Span } from "@/lib/otel/span";
import { msBetween, type UnixNano } from "@/lib/otel/time";
import type { TraceEvidence } from "./check";
import { childrenOf } from "./evidence-index";
import { once } from "./once";
import { ownersOf } from "./owners";
import { sharedIdsOf } from "./shared-ids";

/**
 * P15: what a call did in another process hangs below a span that lies above the call, and not below the call itself: another span was active
 * where the context was taken, as clients do that take it once, when they connect.
 *
 *   run agent             |---------------------|     @agent
 *     tools/call search      |----------|             @agent   client, nothing of another process below it
 *     search                   |------|               @tools   server
 */
export interface BetterParent {
  server: Span;
  parent: Span;
  caller: Span;
}

/** A trace with more calls at one moment is not judged: any of them could be the one. */
const AT_ONCE_MAX = 1_000;
/** So far above the call the parent is looked for. */
const LEVELS_MAX = 100;
/** What two clocks may differ by: on one host they are one (wire.md P4). */
const SKEW_NS: UnixNano = 50_000_000n;

/** One caller and one server each: where several would fit, nothing is said. */
export const betterParentsOf = once((evidence): BetterParent[] => {
  const served = servedElsewhere(evidence);
  if (served.length === 0) return [];
  const callers = openEndedCalls(evidence);
  if (callers.length === 0) return [];
  const found: BetterParent[] = [];
  const uses = new Map<number, number>();
  let next = 0;
  let open: number[] = [];
  for (const node of served) {
    const server = evidence.spans[node] as Span;
    for (; next < callers.length && startOf(evidence, callers[next]) <= server.startTimeUnixNano; next++)
      open.push(callers[next] as number);
    open = open.filter((caller) => endOf(evidence, caller) >= server.startTimeUnixNano);
    if (open.length > AT_ONCE_MAX) return [];
    const around = open.filter((caller) => isBetter(evidence, node, caller));
    const [caller] = around;
    if (around.length !== 1 || caller === undefined) continue;
    uses.set(caller, (uses.get(caller) ?? 0) + 1);
    found.push({ server, parent: evidence.spans[evidence.tree.parent[node] as number] as Span, caller: evidence.spans[caller] as Span });
  }
  const isUsedOnce = new Set([...uses].filter(([, count]) => count === 1).map(([caller]) => evidence.spans[caller]));
  return found.filter(({ caller }) => isUsedOnce.has(caller));
});

/** Ended spans that served or consumed, below an internal span of another process; by start. A healthy trace has hardly any. */
function servedElsewhere(evidence: TraceEvidence): number[] {
  const { spans, tree } = evidence;
  const nodes: number[] = [];
  for (const [node, span] of spans.entries()) {
    if (span.kind !== "server" && span.kind !== "consumer") continue;
    const parent = spans[tree.parent[node] as number];
    if (parent?.kind !== "internal" || parent.processId === span.processId || span.endTimeUnixNano === null) continue;
    if (!sharedIdsOf(evidence).has(span.spanId)) nodes.push(node);
  }
  return byStart(evidence, nodes);
}

/** Ended calls below which nothing of another process hangs; by start. */
function openEndedCalls(evidence: TraceEvidence): number[] {
  const owners = ownersOf(evidence);
  const nodes: number[] = [];
  for (const [node, { kind, endTimeUnixNano }] of evidence.spans.entries()) {
    if ((kind !== "client" && kind !== "producer") || endTimeUnixNano === null) continue;
    const owner = owners.ofNode(node)?.processId;
    if (owner !== undefined && childrenOf(evidence, node).every((child) => child.processId === owner)) nodes.push(node);
  }
  return byStart(evidence, nodes);
}

function isBetter(evidence: TraceEvidence, serverNode: number, callerNode: number): boolean {
  const [server, caller] = [evidence.spans[serverNode] as Span, evidence.spans[callerNode] as Span];
  return (
    caller.processId !== server.processId &&
    (server.kind === "server") === (caller.kind === "client") &&
    (server.endTimeUnixNano ?? 0n) <= (caller.endTimeUnixNano ?? 0n) + (haveOneHost(evidence, serverNode, callerNode) ? 0n : SKEW_NS) &&
    nameOneThing(caller.name, server.name) &&
    isAbove(evidence, evidence.tree.parent[serverNode] as number, callerNode)
  );
}

function haveOneHost(evidence: TraceEvidence, a: number, b: number): boolean {
  const owners = ownersOf(evidence);
  const host = owners.ofNode(a)?.host ?? null;
  return host !== null && host === owners.ofNode(b)?.host;
}

/** `GET` and `GET /stock`, `tools/call search` and `search`: the same method, route or tool begins or ends both names. */
function nameOneThing(a: string, b: string): boolean {
  const [words, others] = [wordsOf(a), wordsOf(b)];
  return (words[0] !== "" && words[0] === others[0]) || (words.at(-1) !== "" && words.at(-1) === others.at(-1));
}

const wordsOf = (name: string): string[] => name.trim().toLowerCase().split(/\s+/);

function isAbove({ tree }: TraceEvidence, above: number, node: number): boolean {
  let at = tree.parent[node] as number;
  for (let level = 0; at >= 0 && level < LEVELS_MAX; level++, at = tree.parent[at] as number) if (at === above) return true;
  return false;
}

const startOf = ({ spans }: TraceEvidence, node: number | undefined): UnixNano => spans[node ?? -1]?.startTimeUnixNano ?? 0n;
const endOf = ({ spans }: TraceEvidence, node: number): UnixNano => spans[node]?.endTimeUnixNano ?? 0n;

const byStart = (evidence: TraceEvidence, nodes: number[]): number[] =>
  nodes.sort((a, b) => msBetween(startOf(evidence, b), startOf(evidence, a)) || a - b);

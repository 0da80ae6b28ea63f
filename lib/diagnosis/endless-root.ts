import type { Span } from "@/lib/otel/span";
import { isSaneTime, msOf } from "@/lib/otel/time";
import { baselineKey, quantileMs } from "./baseline";
import type { TraceEvidence } from "./check";
import { indexOf } from "./evidence-index";
import type { Certainty } from "./finding";
import { missingParentsOf } from "./missing-parents";
import { once } from "./once";
import { ownersOf } from "./owners";
import type { ProcessEvidence } from "./process-evidence";

/** A span that is open as long as its process lives, with all of the process's work below it (wire.md L12). */
export interface EndlessRoot {
  /** Its node, and the open ones above it. */
  path: ReadonlySet<number>;
  node: number;
  /** Null where it is known only by its children. */
  span: Span | null;
  owner: ProcessEvidence;
  /** The pieces of work: its direct children, by start. */
  units: Span[];
  /** From its start, or its first piece of work, to the start of the last one; by the program's clock, ms. */
  ageMs: number;
  certainty: Certainty;
}

/** wire.md L12: older than an hour or larger than 10 000 spans, and more than 90 % of the trace below it. */
const AGE_MS = 3_600_000;
const SPANS_MANY = 10_000;
const SHARE = 0.9;
/** Fewer pieces are the phases of one job. */
const UNITS_MIN = 100;
/** It began with its process when not more than this share of its age had passed by then. */
const BEGAN_SHARE = 0.1;

/** The endless root of a trace, or null. Does nothing for traces that are small, or whose tops have ended. */
export const endlessRootOf = once((evidence): EndlessRoot | null => {
  const { spans, tree } = evidence;
  if (spans.length < UNITS_MIN || !tree.tops.some((node) => isOpen(evidence, node))) return null;
  const sizes = subtreeSizes(evidence);
  const holdsMost = (node: number) => isOpen(evidence, node) && (sizes[node] as number) > SHARE * spans.length;
  const path = new Set<number>();
  let node = tree.tops.find(holdsMost);
  if (node === undefined) return null;
  for (let next: number | undefined = node; next !== undefined; next = childNodes(evidence, node).find(holdsMost)) {
    node = next;
    path.add(node);
  }
  const units = Array.from(childNodes(evidence, node), (child) => spans[child]).filter((unit) => unit !== undefined);
  const span = spans[node] ?? null;
  if (units.length < UNITS_MIN || (span !== null && isKnownToEnd(evidence, span))) return null;
  return judge(evidence, { node, path, units, span });
});

function judge(evidence: TraceEvidence, root: Pick<EndlessRoot, "node" | "path" | "units" | "span">): EndlessRoot | null {
  const { spans, settings } = evidence;
  const owner = ownerOf(evidence, root.node);
  const ageMs = ageOf(root);
  if (owner === null || ageMs === null || indexOf(evidence).stateOf(owner).state === "ended") return null;
  const heardMs = (root.span ?? root.units[0])?.records[0]?.receivedMs ?? owner.firstReceivedMs;
  if (heardMs - owner.firstReceivedMs > BEGAN_SHARE * ageMs) return null;
  // A service does not run out of requests; other pieces of work may be those of one long job.
  const served = root.units.filter(({ kind }) => kind === "server" || kind === "consumer").length;
  const [isOld, isLarge] = [ageMs >= AGE_MS, spans.length > SPANS_MANY];
  if (2 * served >= root.units.length) {
    return isOld || (isLarge && ageMs >= settings.staleAfterMs) ? { ...root, owner, ageMs, certainty: "likely" } : null;
  }
  return isOld && isLarge ? { ...root, owner, ageMs, certainty: "possible" } : null;
}

/** Somebody said that it may run long, or others of its name have ended: one long job. */
function isKnownToEnd({ expected, baselines }: TraceEvidence, { spanId, service, name }: Span): boolean {
  const baseline = baselines.get(baselineKey(service, name));
  return expected.has(spanId) || (baseline !== undefined && quantileMs(baseline, 0.95) !== null);
}

const isOpen = ({ spans, tree }: TraceEvidence, node: number): boolean => node >= tree.spanCount || spans[node]?.endTimeUnixNano === null;

const childNodes = ({ tree }: TraceEvidence, node: number): Int32Array =>
  tree.childList.subarray(tree.childStart[node], tree.childStart[node + 1]);

/** Spans at and below each node; a missing parent counts nothing itself. */
function subtreeSizes({ tree }: TraceEvidence): Int32Array {
  const sizes = new Int32Array(tree.order.length);
  for (let at = tree.order.length - 1; at >= 0; at--) {
    const node = tree.order[at] as number;
    if (node < tree.spanCount) sizes[node] = (sizes[node] as number) + 1;
    const above = tree.parent[node] as number;
    if (above >= 0) sizes[above] = (sizes[above] as number) + (sizes[node] as number);
  }
  return sizes;
}

/** Of a missing one: the process that it is thought to run in still (L11). One that is lost is an orphan's parent. */
function ownerOf(evidence: TraceEvidence, node: number): ProcessEvidence | null {
  const { tree } = evidence;
  if (node < tree.spanCount) return ownersOf(evidence).ofNode(node);
  const missing = missingParentsOf(evidence)[node - tree.spanCount];
  return missing?.verdict === "open" ? missing.owner : null;
}

function ageOf({ span, units }: Pick<EndlessRoot, "span" | "units">): number | null {
  const from = span ?? units[0];
  const last = units.findLast(({ startTimeUnixNano }) => isSaneTime(startTimeUnixNano));
  if (!from || !last || !isSaneTime(from.startTimeUnixNano)) return null;
  return msOf(last.startTimeUnixNano) - msOf(from.startTimeUnixNano);
}

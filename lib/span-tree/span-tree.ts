import type { SpanId } from "@/lib/otel/ids";
import type { SpanKind } from "@/lib/otel/span";

/** What a tree is built from; any object with these fields will do. */
export interface TreeSpan {
  spanId: SpanId;
  parentSpanId: SpanId | null;
  startTimeUnixNano: bigint;
  /** These tell the spans of one id apart, where several have it: whose child is meant, and which of them calls the other. */
  variant?: number;
  processId?: string | null;
  kind?: SpanKind;
}

/**
 * The shape of one trace over flat arrays (R11, R12): nodes 0 … spans.length − 1 are the spans in the order given, the nodes after them
 * are the missing parents. Every span is exactly one node, whatever the input; building takes linear time plus sorting siblings, and
 * nothing recurses.
 */
export interface SpanTree {
  /** Number of spans (not counting missing parents). */
  spanCount: number;
  /** Span ids that children name and nobody sent, as nodes `spanCount + i`. Each is a top-level node with its children under it. */
  missing: SpanId[];
  /** Parent node of each node, −1 for a top-level node. A link that would close a cycle is cut: see `cycles`. */
  parent: Int32Array;
  /** Children of node n: childList[childStart[n]] … childList[childStart[n + 1] − 1], by start time. */
  childStart: Int32Array;
  childList: Int32Array;
  /** All nodes in reading order (pre-order, siblings by start time), and the depth of each node (by node). */
  order: Int32Array;
  depth: Int32Array;
  /** Nodes with nothing above them, in reading order: true roots, missing parents, and where cycles were cut. */
  tops: Int32Array;
  /** Spans that name no parent (true roots). */
  roots: Int32Array;
  /** Each cycle as its spans in order of parenthood, cut above the first, which started earliest. A self-parent is a cycle of one. */
  cycles: Int32Array[];
}

import type { UnixNano } from "@/lib/otel/time";
import type { SpanTree } from "./span-tree";

/** The children of a node, by start. */
export const childrenOf = (tree: SpanTree, node: number): Int32Array =>
  tree.childList.subarray(tree.childStart[node], tree.childStart[node + 1]);

/**
 * Of each node: the latest moment that it or anything below it shows, or null.
 *
 * @param ownOf the latest moment of the node itself, or null where it shows none.
 */
export function latestBelow(tree: SpanTree, ownOf: (node: number) => UnixNano | null): (UnixNano | null)[] {
  const latest = new Array<UnixNano | null>(tree.order.length).fill(null);
  // Against the reading order: everything below a node comes before it.
  for (let at = tree.order.length - 1; at >= 0; at--) {
    const node = tree.order[at] as number;
    const own = later(ownOf(node), latest[node] as UnixNano | null);
    latest[node] = own;
    const above = tree.parent[node] as number;
    if (above !== -1) latest[above] = later(own, latest[above] as UnixNano | null);
  }
  return latest;
}

const later = (a: UnixNano | null, b: UnixNano | null): UnixNano | null => (a === null || (b !== null && b > a) ? b : a);

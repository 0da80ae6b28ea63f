import type { SpanId } from "@/lib/otel/ids";
import type { Span } from "@/lib/otel/span";
import { childrenOf } from "./evidence-index";
import { once } from "./once";

/**
 * P14: a call whose server names a parent that nobody sent, while a client span of another service lies tightly around it and nobody names
 * that one as parent: something between the two replaced the parent id.
 *
 *   GET /          |-----------|     @front   client, without a child
 *   (made up)
 *     GET /stock      |----|         @stock   server
 */
export interface Rewritten {
  caller: Span;
  server: Span;
  missingSpanId: SpanId;
}

/** One caller and one server each: where several would fit, nothing is said. */
export const rewrittenParentsOf = once((evidence): Rewritten[] => {
  const { tree, spans } = evidence;
  const callers = spans.filter((span, node) => span.kind === "client" && tree.childStart[node] === tree.childStart[node + 1]);
  if (callers.length === 0) return [];
  const pairs = tree.missing.flatMap((missingSpanId, i): Rewritten[] => {
    const children = childrenOf(evidence, tree.spanCount + i);
    const [server] = children;
    if (!server || children.length !== 1 || server.kind !== "server") return [];
    const around = callers.filter((caller) => caller.processId !== server.processId && encloses(caller, server));
    return around.length === 1 && around[0] ? [{ caller: around[0], server, missingSpanId }] : [];
  });
  const uses = new Map<Span, number>();
  for (const { caller } of pairs) uses.set(caller, (uses.get(caller) ?? 0) + 1);
  return pairs.filter(({ caller }) => uses.get(caller) === 1);
});

function encloses(caller: Span, server: Span): boolean {
  const [start, end] = [server.startTimeUnixNano, server.endTimeUnixNano];
  return end !== null && caller.endTimeUnixNano !== null && caller.startTimeUnixNano <= start && caller.endTimeUnixNano >= end;
}

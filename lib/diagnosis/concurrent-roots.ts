import type { Span } from "@/lib/otel/span";
import type { TraceEvidence } from "./check";
import { lateChildrenOf } from "./late-children";
import { once } from "./once";
import { ownersOf } from "./owners";

/** Whether some check wants to know what else was open while this trace ran: only then is it read. */
export const asksForConcurrentRoots = (evidence: TraceEvidence): boolean => hasLateFleet(evidence) || workerRootOf(evidence) !== null;

/** Whether workers of another process began after their parent had ended (wire.md P5). */
export const hasLateFleet = (evidence: TraceEvidence): boolean =>
  lateChildrenOf(evidence).some(({ children, isSameProcess }) => !isSameProcess && children.length > 1);

/** A connection that was first used so long before the trace was heard of is the trace's own. */
const OWN_CONNECTION_MS = 1_000;

/**
 * The root of a trace that a worker may have begun: ended, neither served nor consumed, and the first that its process, or its thread with an
 * exporter of its own, sent: its connection was not used before.
 */
export const workerRootOf = once((evidence): Span | null => {
  const { spans, tree, firstReceivedMs } = evidence;
  const [node] = tree.roots;
  const root = node === undefined ? undefined : spans[node];
  if (!root || tree.roots.length !== 1 || root.endTimeUnixNano === null || root.kind === "server" || root.kind === "consumer") return null;
  const owner = ownersOf(evidence).ofNode(node as number);
  const record = root.records[0];
  const connection = owner?.connections.find(({ connectionId }) => connectionId === record?.connectionId);
  if (!connection?.direct) return null;
  return connection.firstReceivedMs >= firstReceivedMs - OWN_CONNECTION_MS ? root : null;
});

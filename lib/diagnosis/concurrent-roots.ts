import type { TraceEvidence } from "./check";
import { lateChildrenOf } from "./late-children";

/** Whether some check wants to know what else was open while this trace ran: only then is it read. */
export function asksForConcurrentRoots(evidence: TraceEvidence): boolean {
  return lateChildrenOf(evidence).some(({ children, isSameProcess }) => !isSameProcess && children.length > 1);
}

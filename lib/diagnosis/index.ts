import type { Check } from "./check";
import { abandonedSpan } from "./checks/abandoned-span";
import { absurdClock } from "./checks/absurd-clock";
import { betterParent } from "./checks/better-parent";
import { childBeforeParent } from "./checks/child-before-parent";
import { childOutlivesParent } from "./checks/child-outlives-parent";
import { clockSkew } from "./checks/clock-skew";
import { closedAtExit } from "./checks/closed-at-exit";
import { closedBySweeper } from "./checks/closed-by-sweeper";
import { contextLeak } from "./checks/context-leak";
import { disconnectedWorker } from "./checks/disconnected-worker";
import { divergentEnds } from "./checks/divergent-ends";
import { duplicateSpanId } from "./checks/duplicate-span-id";
import { endlessRoot } from "./checks/endless-root";
import { falseClose } from "./checks/false-close";
import { impossibleTimes } from "./checks/impossible-times";
import { inheritedOverFork } from "./checks/inherited-over-fork";
import { lateData } from "./checks/late-data";
import { lostBatch } from "./checks/lost-batch";
import { massStop } from "./checks/mass-stop";
import { ongoingSpan } from "./checks/ongoing-span";
import { orphanedLog } from "./checks/orphaned-log";
import { orphanedSpan } from "./checks/orphaned-span";
import { parentAlreadyClosed } from "./checks/parent-already-closed";
import { parentChanged } from "./checks/parent-changed";
import { parentCycle } from "./checks/parent-cycle";
import { parentInOtherTrace } from "./checks/parent-in-other-trace";
import { rewrittenTraceparent } from "./checks/rewritten-traceparent";
import { rootlessTrace } from "./checks/rootless-trace";
import { severalRoots } from "./checks/several-roots";
import { sharedConnection } from "./checks/shared-connection";
import { silentWorker } from "./checks/silent-worker";
import { spanWithoutLogs } from "./checks/span-without-logs";
import { staleCarrier } from "./checks/stale-carrier";
import { staleProcessIdentity } from "./checks/stale-process-identity";
import { staleSpan } from "./checks/stale-span";
import { truncatedTraceId } from "./checks/truncated-trace-id";
import { truncatedWorker } from "./checks/truncated-worker";
import { workerWithoutLogs } from "./checks/worker-without-logs";

/** Every check, in the order its findings are shown. */
export const CHECKS: readonly Check[] = [
  abandonedSpan,
  massStop,
  staleSpan,
  endlessRoot,
  falseClose,
  divergentEnds,
  closedAtExit,
  closedBySweeper,
  orphanedSpan,
  lostBatch,
  orphanedLog,
  rewrittenTraceparent,
  truncatedTraceId,
  parentInOtherTrace,
  rootlessTrace,
  severalRoots,
  silentWorker,
  truncatedWorker,
  workerWithoutLogs,
  spanWithoutLogs,
  sharedConnection,
  parentCycle,
  duplicateSpanId,
  disconnectedWorker,
  staleCarrier,
  contextLeak,
  parentChanged,
  childBeforeParent,
  parentAlreadyClosed,
  childOutlivesParent,
  betterParent,
  inheritedOverFork,
  staleProcessIdentity,
  clockSkew,
  absurdClock,
  impossibleTimes,
  lateData,
  ongoingSpan,
];

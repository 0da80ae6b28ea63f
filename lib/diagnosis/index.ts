import type { Check } from "./check";
import { abandonedSpan } from "./checks/abandoned-span";
import { duplicateSpanId } from "./checks/duplicate-span-id";
import { impossibleTimes } from "./checks/impossible-times";
import { ongoingSpan } from "./checks/ongoing-span";
import { orphanedSpan } from "./checks/orphaned-span";
import { parentCycle } from "./checks/parent-cycle";
import { rootlessTrace } from "./checks/rootless-trace";
import { severalRoots } from "./checks/several-roots";
import { staleSpan } from "./checks/stale-span";

/** Every check, in the order its findings are shown. */
export const CHECKS: readonly Check[] = [
  abandonedSpan,
  staleSpan,
  orphanedSpan,
  rootlessTrace,
  severalRoots,
  parentCycle,
  duplicateSpanId,
  impossibleTimes,
  ongoingSpan,
];

import type { RemoteParentHabit } from "./check";

/** wire.md O3b: a service whose remote parents never come, each with another id, is called from outside. */
const EXTERNAL_SHARE = 0.8;
const EXTERNAL_COUNT_MIN = 3;

/** Whether a service's callers, as a rule, do not report here. */
export const isExternal = ({ remoteParents, neverReceived, distinctMissing }: RemoteParentHabit): boolean =>
  neverReceived >= EXTERNAL_COUNT_MIN && neverReceived >= EXTERNAL_SHARE * remoteParents && distinctMissing === neverReceived;

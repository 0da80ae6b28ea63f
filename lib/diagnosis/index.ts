import type { Check } from "./check";

/** Every check, in the order its findings are shown. */
export const CHECKS: readonly Check[] = [];

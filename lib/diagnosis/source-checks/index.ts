import type { SourceCheck } from "../source-check";
import { silentWorkerByHandshake } from "./silent-worker";

/** Every check over senders, in the order its findings are shown. */
export const SOURCE_CHECKS: readonly SourceCheck[] = [silentWorkerByHandshake];

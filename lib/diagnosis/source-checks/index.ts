import type { SourceCheck } from "../source-check";
import { droppedBySdk } from "./dropped-by-sdk";
import { interleavedRequests } from "./interleaved-requests";
import { silentWorkerByHandshake } from "./silent-worker";

/** Every check over senders, in the order its findings are shown. */
export const SOURCE_CHECKS: readonly SourceCheck[] = [silentWorkerByHandshake, droppedBySdk, interleavedRequests];

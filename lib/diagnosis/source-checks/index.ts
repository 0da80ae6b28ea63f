import type { SourceCheck } from "../source-check";
import { countMismatch } from "./count-mismatch";
import { droppedBySdk } from "./dropped-by-sdk";
import { interleavedRequests } from "./interleaved-requests";
import { missingIdentity } from "./missing-identity";
import { pipelineLoss } from "./pipeline-loss";
import { silentWorkerByHandshake } from "./silent-worker";
import { unnamedService } from "./unnamed-service";

/** Every check over senders, in the order its findings are shown. */
export const SOURCE_CHECKS: readonly SourceCheck[] = [
  silentWorkerByHandshake,
  droppedBySdk,
  countMismatch,
  interleavedRequests,
  pipelineLoss,
  unnamedService,
  missingIdentity,
];

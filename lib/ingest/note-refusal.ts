import { logger } from "@/lib/logger";
import type { Connection } from "./connections";
import type { IngestParts } from "./ingest-parts";
import { Refusal, unavailable } from "./refusal";

/** Reasons that pass by: the sender keeps what it has and comes back, so nothing is lost that would need evidence. */
const PASSING = new Set(["overload", "stopping", "database-away"]);

/** Whose request it was. */
interface Refused {
  connection: Connection;
  projectId: number | null;
  path: string;
  userAgent: string;
}

/**
 * What a request that failed is to be told, noted and counted on the way. An error that is no Refusal is a bug: its sender keeps the data.
 * @param isExport whether it tried to bring something; what merely asked is not evidence
 */
export function noteRefusal(
  parts: IngestParts,
  { connection, projectId, path, userAgent }: Refused,
  error: unknown,
  isExport: boolean,
): Refusal {
  const isKnown = error instanceof Refusal;
  if (!isKnown) logger.error({ err: error, path }, "a request failed");
  const refusal = isKnown ? error : unavailable("bug", "Spanwatch failed over this request: send it again.", { cause: error });
  const { httpStatus: status, reason, message: detail, head } = refusal;
  if (isExport && !PASSING.has(reason)) parts.noteReject(connection, { projectId, path, userAgent, status, reason, detail, head });
  else parts.metrics.rejected.inc({ reason });
  return refusal;
}

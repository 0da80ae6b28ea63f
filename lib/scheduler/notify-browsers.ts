import type { Transaction } from "@/db/queries/scheduler/transaction";
import type { TraceId } from "@/lib/otel/ids";

/** A notification holds 8 000 bytes at most. */
const NOTIFIED_MAX = 200;

/** A hint to the pages that are open (lib/api/contract/status, LiveEvent), and to ingest: findings changed, those of these traces among them. */
export async function notifyBrowsers(tx: Transaction, projectId: number, traceIds: readonly TraceId[]): Promise<void> {
  const event = { type: "findings", projectId, traceIds: traceIds.slice(0, NOTIFIED_MAX), more: traceIds.length > NOTIFIED_MAX };
  await tx.query("select pg_notify('spanwatch_live', $1)", [JSON.stringify(event)]);
}

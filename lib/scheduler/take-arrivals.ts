import type { Db } from "@/db/client";
import { raiseSourceWatches } from "@/db/queries/scheduler/sources";
import { inTransaction } from "@/db/queries/scheduler/transaction";
import { type Arrival, listTracesOfProcesses, raiseWatches, takeArrivals } from "@/db/queries/scheduler/watches";
import type { TraceId } from "@/lib/otel/ids";
import type { Lease } from "./lease";
import { SOURCES_AGAIN_MS } from "./look-at-sources";

/** Arrivals in one transaction. */
const ARRIVALS_MAX = 500;
/** What is open is looked at so soon after it arrived: requests come in bursts, and one look serves them all. */
const COALESCE_MS = 100;
/** Hand-shakes and refusals come in bursts too; nobody waits for what they tell. */
const COALESCE_SOURCES_MS = 1_000;

/**
 * Turns what ingest told into watches, in the transaction that deletes it, so that nothing is lost or done twice. A trace with something
 * open is due at once, one of a process of which something was seen too; any other after the settling time.
 *
 * @param notBeforeMs when each trace may be looked at again at the earliest: big ones are spared. Signs of a process do not wait.
 * @returns how many arrivals were taken.
 */
export async function consumeArrivals(
  { db, lease, clock, settleMs }: { db: Db; lease: Lease; clock: () => number; settleMs: number },
  notBeforeMs: (traceId: TraceId) => number,
): Promise<number> {
  return inTransaction(db, async (tx) => {
    await lease.prove(tx);
    const arrivals = await takeArrivals(tx, ARRIVALS_MAX);
    if (arrivals.length === 0) return 0;
    const nowMs = clock();
    const raised = new Map<TraceId, { traceId: TraceId; projectId: number; dueMs: number; atMs: number }>();
    const raise = (traceId: TraceId, projectId: number, dueMs: number, atMs: number) => {
      const known = raised.get(traceId);
      raised.set(traceId, { traceId, projectId, dueMs: Math.min(dueMs, known?.dueMs ?? dueMs), atMs: Math.max(atMs, known?.atMs ?? atMs) });
    };
    for (const { traceIds, openTraceIds, projectId, atMs } of arrivals) {
      for (const traceId of traceIds) raise(traceId, projectId, Math.max(atMs + settleMs, notBeforeMs(traceId)), atMs);
      for (const traceId of openTraceIds) raise(traceId, projectId, Math.max(nowMs + COALESCE_MS, notBeforeMs(traceId)), atMs);
    }
    await raiseSourceWatches(tx, sourcesOf(arrivals, nowMs));
    const processIds = [...new Set(arrivals.flatMap((arrival: Arrival) => arrival.processIds))];
    if (processIds.length > 0) {
      // Ahead of all that is merely due: a process may have died.
      for (const { traceId, projectId } of await listTracesOfProcesses(tx, processIds)) raise(traceId, projectId, 0, nowMs);
    }
    await raiseWatches(tx, [...raised.values()]);
    return arrivals.length;
  });
}

/** Each project's senders are due some seconds after anything of them; sooner after a hand-shake or a refusal. */
function sourcesOf(arrivals: readonly Arrival[], nowMs: number): { projectId: number; dueMs: number }[] {
  const due = new Map<number, number>();
  for (const { projectId, what } of arrivals) {
    const dueMs = nowMs + (what === "source" ? COALESCE_SOURCES_MS : SOURCES_AGAIN_MS);
    due.set(projectId, Math.min(dueMs, due.get(projectId) ?? dueMs));
  }
  return [...due].map(([projectId, dueMs]) => ({ projectId, dueMs }));
}

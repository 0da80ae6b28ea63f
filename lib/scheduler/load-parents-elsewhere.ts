import type { Db } from "@/db/client";
import { findSpansElsewhere, listProposedTraceIds } from "@/db/queries/scheduler/elsewhere";
import type { TraceEvidence } from "@/lib/diagnosis/check";
import { asksForParentsElsewhere, soleParents } from "@/lib/diagnosis/parents-elsewhere";
import type { Span } from "@/lib/otel/span";
import { isSaneTime, type UnixNano, unixNanoOfInt8 } from "@/lib/otel/time";

/** What started work that arrives now was heard of an hour before at most, and some minutes after. */
const BEFORE_MS = 3_600_000;
const AFTER_MS = 600_000;
/** Missing parents that are looked for; a trace may have a hundred thousand. */
const MISSING_MAX = 100;

/**
 * Missing parents that were received in another trace (wire.md P10), as far as the look-up reaches (db/queries/scheduler/elsewhere.ts). What
 * was found once is looked for again wherever it was found, also while new records arrive: it is still there.
 */
export async function loadParentsElsewhere(db: Db, projectId: number, evidence: TraceEvidence): Promise<TraceEvidence["parentsElsewhere"]> {
  const { traceId, tree, firstReceivedMs, lastReceivedMs } = evidence;
  const children = firstChildren(evidence);
  const [first] = children;
  if (!first || !isSaneTime(first.startTimeUnixNano)) return NONE;
  const traceIds = await listProposedTraceIds(db, traceId, "parent-in-other-trace");
  if (traceIds.length === 0 && !asksForParentsElsewhere(evidence)) return NONE;

  const own = new Set(children.map(({ spanId }) => spanId));
  const rows = await findSpansElsewhere(db, {
    projectId,
    traceId,
    traceIds,
    spanIds: [...tree.missing.slice(0, MISSING_MAX), ...own],
    aroundMs: firstReceivedMs,
    fromMs: firstReceivedMs - BEFORE_MS,
    toMs: lastReceivedMs + AFTER_MS,
    openFromNs: int8Of(first.startTimeUnixNano - GRAIN_NS),
    openToNs: int8Of(first.startTimeUnixNano + GRAIN_NS),
  });
  const found = rows.map(({ startNs, endNs, ...row }) => ({
    ...row,
    startTimeUnixNano: unixNanoOfInt8(startNs),
    endTimeUnixNano: endNs === null ? null : unixNanoOfInt8(endNs),
  }));
  return soleParents(tree.missing, own, found);
}

/** What two clocks may differ by without being called wrong (wire.md P4). */
const GRAIN_NS = 50_000_000n;
const int8Of = (time: UnixNano): string => BigInt.asIntN(64, time).toString();
const NONE: TraceEvidence["parentsElsewhere"] = new Map();

/** The first child of each missing parent. */
function firstChildren({ spans, tree }: TraceEvidence): Span[] {
  return tree.missing
    .slice(0, MISSING_MAX)
    .flatMap((_, i) => spans[tree.childList[tree.childStart[tree.spanCount + i] as number] as number] ?? []);
}

import { countLogsBySpan, listLogSigns } from "@/db/queries/logs";
import { listOpenSpanStates } from "@/db/queries/open-spans";
import { listSpanRecords } from "@/db/queries/spans";
import { findTrace, type TraceRow } from "@/db/queries/traces";
import type { Context } from "@/lib/auth/context";
import { AppError } from "@/lib/errors";
import { isTraceId, type SpanId, type TraceId } from "@/lib/otel/ids";
import type { Span, SpanState } from "@/lib/otel/span";
import { buildingSpanTree } from "@/lib/span-tree/build-span-tree";
import { needsLogs, resolvingSpans } from "@/lib/span-tree/resolve-spans";
import type { SpanTree } from "@/lib/span-tree/span-tree";
import { inTurns } from "./in-turns";

/** A trace as it is known now: its spans concluded, its tree built, nothing yet in any language. */
export interface KnownTrace {
  row: TraceRow;
  spans: Span[];
  tree: SpanTree;
  logs: ReadonlyMap<SpanId, { count: number; latestUnixNano: bigint }>;
  /** What the scheduler last said of open and missing spans. */
  states: ReadonlyMap<SpanId, SpanState>;
}

/**
 * Reads a trace, concludes its spans and builds its tree.
 * @throws AppError `not_found` when the viewer's project has no such trace.
 */
export async function readTrace({ db, viewer }: Context, traceId: TraceId): Promise<KnownTrace> {
  const { projectId } = viewer;
  if (!isTraceId(traceId)) throw noSuchTrace();
  const [row, records, logs, states] = await Promise.all([
    findTrace(db, projectId, traceId),
    listSpanRecords(db, projectId, traceId),
    countLogsBySpan(db, projectId, traceId),
    listOpenSpanStates(db, projectId, traceId),
  ]);
  if (row === null) throw noSuchTrace();

  let spans = await inTurns(resolvingSpans(records));
  if (needsLogs(spans)) spans = await inTurns(resolvingSpans(records, await listLogSigns(db, projectId, traceId)));
  const tree = await inTurns(buildingSpanTree(spans));
  return { row, spans, tree, logs, states };
}

export const noSuchTrace = () => new AppError("not_found", "There is no such trace.");

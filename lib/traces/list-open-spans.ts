import { z } from "zod";
import { listBaselines, listOpenSpans as listOpenSpanRows, type OpenSpanRow } from "@/db/queries/open-spans";
import { listProcessEvidence } from "@/db/queries/processes";
import type { OpenSpanJson, OpenSpansQuery, OpenSpansResponse } from "@/lib/api/contract/traces";
import type { Context } from "@/lib/auth/context";
import { type Baseline, baselineKey, quantileMs } from "@/lib/diagnosis/baseline";
import type { ProcessEvidence } from "@/lib/diagnosis/process-evidence";
import { processStateOf } from "@/lib/diagnosis/process-state";
import { unixNanoOfInt8 } from "@/lib/otel/time";
import { pageOf, place, readCursor } from "./cursor";
import { momentOf } from "./moment";
import type { Now } from "./present-process";
import { diagnosisSettings } from "./settings";

const PLACE = z.tuple([z.int(), place.traceId, place.spanId]);

/**
 * Spans of the viewer's project that are open or missing now, the oldest first.
 * @throws AppError `invalid_request` for a cursor of another list.
 */
export async function listOpenSpans(ctx: Context, query: OpenSpansQuery): Promise<OpenSpansResponse> {
  const { db, viewer, nowMs } = ctx;
  const after = readCursor(query.cursor, PLACE);
  const rows = await listOpenSpanRows(db, {
    projectId: viewer.projectId,
    service: query.service ?? null,
    state: query.state ?? null,
    // No span is older than time itself, and int8 holds no more.
    startedBeforeMs: query.minAge === undefined ? null : Math.floor(Math.max(nowMs - query.minAge, -8.64e15)),
    after: after === null ? null : { startMs: after[0], traceId: after[1], spanId: after[2] },
    limit: query.limit + 1,
  });
  const { items, nextCursor } = pageOf(rows, query.limit, (last) => [last.startMs, last.traceId, last.spanId]);
  const [evidence, baselines] = await Promise.all([
    listProcessEvidence(
      db,
      items.map((row) => row.processId),
    ),
    loadBaselines(ctx, items),
  ]);
  const processes = new Map(evidence.map((process) => [process.processId, process]));
  const now = { nowMs, settings: diagnosisSettings() };
  return {
    items: items.map((row) =>
      presentOpenSpan(row, processes.get(row.processId) ?? null, baselines.get(baselineKey(row.service, row.name)) ?? null, now),
    ),
    nextCursor,
  };
}

function presentOpenSpan(row: OpenSpanRow, process: ProcessEvidence | null, baseline: Baseline | null, now: Now): OpenSpanJson {
  const usualMs = baseline === null ? null : quantileMs(baseline, 0.95);
  return {
    traceId: row.traceId,
    spanId: row.spanId,
    name: row.name,
    service: row.service,
    state: row.state,
    startTimeUnixNano: unixNanoOfInt8(row.startNs).toString(),
    // A sender's clock may be ahead of ours; nothing began in the future.
    ageMs: Math.max(0, now.nowMs - row.startMs),
    usualMs,
    usualCount: usualMs === null ? 0 : (baseline?.count ?? 0),
    callSite: row.callSite,
    processId: row.processId,
    processState: process === null ? "unknown" : processStateOf(process, now.nowMs, now.settings).state,
    pid: process?.pid ?? null,
    lastActivityAt: momentOf(row.lastActivityMs),
    findingId: row.findingId,
  };
}

async function loadBaselines({ db, viewer }: Context, rows: readonly OpenSpanRow[]): Promise<Map<string, Baseline>> {
  const likes = [...new Map(rows.map(({ service, name }) => [baselineKey(service, name), { service, name }])).values()];
  const stored = await listBaselines(db, viewer.projectId, likes);
  return new Map(stored.map(({ service, name, closedCount, buckets }) => [baselineKey(service, name), { count: closedCount, buckets }]));
}

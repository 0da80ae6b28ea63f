import { z } from "zod";
import { countFindingsByDay, type FindingGroupRow, listFindingGroups as listGroupRows } from "@/db/queries/finding-lists";
import type { FindingGroupJson, FindingGroupsQuery, FindingGroupsResponse } from "@/lib/api/contract/findings";
import type { Context } from "@/lib/auth/context";
import { familyOf, type Kind, type Sentence } from "@/lib/diagnosis/finding";
import { say } from "@/lib/diagnosis/words";
import type { Language } from "@/lib/diagnosis/words/language";
import { pageOf, place, readCursor } from "./cursor";
import { kindsOf } from "./kinds-of";
import { momentOf } from "./moment";

const PLACE = z.tuple([place.ms, place.text]);
const DAY_MS = 86_400_000;
const TREND_DAYS = 14;

/**
 * Findings of the viewer's project by what they have in common, the last seen first.
 * @throws AppError `invalid_request` for a cursor of another list.
 */
export async function listFindingGroups(ctx: Context, query: FindingGroupsQuery, language: Language): Promise<FindingGroupsResponse> {
  const { db, viewer, nowMs } = ctx;
  const after = readCursor(query.cursor, PLACE);
  const rows = await listGroupRows(
    db,
    {
      projectId: viewer.projectId,
      kinds: kindsOf(query),
      service: query.service ?? null,
      severity: query.severity ?? null,
      certainty: query.certainty ?? null,
      isOpen: query.state === "open",
    },
    after === null ? null : { lastSeenMs: after[0], id: after[1] },
    query.limit + 1,
  );
  const { items, nextCursor } = pageOf(rows, query.limit, (last) => [last.lastSeenMs, last.id]);
  const trends = await loadTrends(ctx, items, nowMs);
  return { items: items.map((row) => presentGroup(row, trends.get(row.id) ?? [], language)), nextCursor };
}

/** Findings opened on each of the last 14 days (UTC), the oldest first. */
async function loadTrends({ db }: Context, groups: readonly FindingGroupRow[], nowMs: number): Promise<Map<string, number[]>> {
  const sinceMs = (Math.floor(nowMs / DAY_MS) - TREND_DAYS + 1) * DAY_MS;
  const trends = new Map(groups.map(({ id }) => [id, new Array<number>(TREND_DAYS).fill(0)]));
  for (const [groupId, day, count] of await countFindingsByDay(db, [...trends.keys()], sinceMs)) {
    const trend = trends.get(groupId);
    if (trend && day < TREND_DAYS) trend[day] = count;
  }
  return trends;
}

const presentGroup = (row: FindingGroupRow, trend: number[], language: Language): FindingGroupJson => ({
  id: row.id,
  kind: row.kind as Kind,
  family: familyOf(row.kind as Kind),
  service: row.service,
  spanName: row.spanName,
  cause: row.cause as FindingGroupJson["cause"],
  severity: row.severity as FindingGroupJson["severity"],
  certainty: row.certainty as FindingGroupJson["certainty"],
  title: say(row.latestTitle as Sentence, language),
  openCount: row.openCount,
  totalCount: row.totalCount,
  mutedCount: row.mutedCount,
  muted: row.mutedMs !== null,
  firstSeenAt: momentOf(row.firstSeenMs),
  lastSeenAt: momentOf(row.lastSeenMs),
  trend,
  latest: { id: row.latestId, traceId: row.latestTraceId, spanId: row.latestSpanId },
});

import { z } from "zod";
import {
  countFindingsByDay,
  countFindingsByRun,
  type FindingGroupRow,
  listFindingGroups as listGroupRows,
  listRuns,
} from "@/db/queries/finding-groups";
import type { FindingGroupJson, FindingGroupsQuery, FindingGroupsResponse } from "@/lib/api/contract/findings";
import type { Context } from "@/lib/auth/context";
import { familyOf, type Kind, type Sentence, type Verdict } from "@/lib/diagnosis/finding";
import { say } from "@/lib/diagnosis/words";
import type { Language } from "@/lib/diagnosis/words/language";
import { pageOf, place, readCursor } from "./cursor";
import { type GroupRuns, runsOf } from "./group-runs";
import { kindsOf } from "./kinds-of";
import { momentOf, momentOrNull } from "./moment";

const PLACE = z.tuple([place.ms, place.text]);
const DAY_MS = 86_400_000;
const TREND_DAYS = 14;
/** Traces that are looked through for runs without a finding: beyond it, their number is a least one. */
const RUNS_MAX = 1_000;

/**
 * Findings of the viewer's project by what they have in common, the last seen first. Groups that the same ends of processes left are one
 * item: the others are had by `leadId`.
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
      state: query.state,
      leadId: query.leadId ?? null,
    },
    after === null ? null : { lastSeenMs: after[0], id: after[1] },
    query.limit + 1,
  );
  const { items, nextCursor } = pageOf(rows, query.limit, (last) => [last.lastSeenMs, last.id]);
  const sinceMs = (Math.floor(nowMs / DAY_MS) - TREND_DAYS + 1) * DAY_MS;
  const [trends, runs] = await Promise.all([loadTrends(ctx, items, sinceMs), loadRuns(ctx, items, sinceMs)]);
  return { items: items.map((row) => presentGroup(row, trends.get(row.id) ?? [], runs.get(row.id) ?? null, language)), nextCursor };
}

/** Findings opened on each of the last 14 days (UTC), the oldest first. */
async function loadTrends({ db }: Context, groups: readonly FindingGroupRow[], sinceMs: number): Promise<Map<string, number[]>> {
  const trends = new Map(groups.map(({ id }) => [id, new Array<number>(TREND_DAYS).fill(0)]));
  for (const [groupId, day, count] of await countFindingsByDay(db, [...trends.keys()], sinceMs)) {
    const trend = trends.get(groupId);
    if (trend && day < TREND_DAYS) trend[day] = count;
  }
  return trends;
}

async function loadRuns({ db, viewer }: Context, groups: readonly FindingGroupRow[], sinceMs: number): Promise<Map<string, GroupRuns>> {
  const affected = await countFindingsByRun(
    db,
    groups.map(({ id }) => id),
    sinceMs,
  );
  if (affected.length === 0) return new Map();
  const earliestMs = Math.min(...affected.map(({ lastRunMs }) => lastRunMs));
  const young = await listRuns(db, viewer.projectId, earliestMs, RUNS_MAX);
  // What lies before the oldest of them was not looked at.
  const unknownUntilMs = young.length < RUNS_MAX ? earliestMs : (young.at(-1)?.firstReceivedMs ?? earliestMs);
  const services = new Map(groups.map(({ id, service }) => [id, service]));
  return new Map(affected.map((row) => [row.groupId, runsOf(row, services.get(row.groupId) ?? "", young, unknownUntilMs)]));
}

const presentGroup = (row: FindingGroupRow, trend: number[], runs: GroupRuns | null, language: Language): FindingGroupJson => ({
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
  muted: row.feedback === "not-a-problem" || row.feedback === "known",
  feedback:
    row.feedback === null
      ? null
      : { verdict: row.feedback as Verdict, at: momentOf(row.feedbackMs ?? 0), cameBackAt: momentOrNull(row.cameBackMs) },
  incident:
    row.endedProcesses === null ? null : { processes: row.endedProcesses, findings: row.endFindings ?? 0, groups: row.endGroups ?? 0 },
  firstSeenAt: momentOf(row.firstSeenMs),
  lastSeenAt: momentOf(row.lastSeenMs),
  trend,
  runs: runs && presentRuns(runs),
  latest: { id: row.latestId, traceId: row.latestTraceId, spanId: row.latestSpanId },
});

const presentRuns = ({ lastOpenedMs, ...runs }: GroupRuns): FindingGroupJson["runs"] => ({ ...runs, lastOpenedAt: momentOf(lastOpenedMs) });

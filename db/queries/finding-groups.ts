import type { Db } from "@/db/client";
import type { TraceId } from "@/lib/otel/ids";
import { readRows, readTuples } from "./prepared";

/** A group, and the finding that stands for it. */
export interface FindingGroupRow {
  id: string;
  kind: string;
  service: string;
  spanName: string;
  cause: string | null;
  feedback: string | null;
  feedbackMs: number | null;
  /** When it was first seen again after it was said to be fixed. */
  cameBackMs: number | null;
  firstSeenMs: number;
  lastSeenMs: number;
  openCount: number;
  totalCount: number;
  mutedCount: number;
  /** Of the youngest open finding, or of the youngest when none is open; so are the fields below. */
  severity: string;
  certainty: string;
  latestId: string;
  latestTraceId: TraceId | null;
  latestSpanId: string | null;
  latestTitle: unknown;
  /** Ends of processes that the group stands for, and the open findings and groups that belong to them; null when it stands for none. */
  endedProcesses: number | null;
  endFindings: number | null;
  endGroups: number | null;
}

export interface FindingGroupFilter {
  projectId: number;
  kinds: readonly string[] | null;
  service: string | null;
  severity: string | null;
  certainty: string | null;
  /** `open`: groups that have an open finding; `muted`: with a muted one, or of which something was said. */
  state: "open" | "muted" | "all";
  /** Only those that are shown under this group. */
  leadId: string | null;
}

/** Where a list goes on: after this group. */
export interface FindingGroupPlace {
  lastSeenMs: number;
  id: string;
}

/**
 * A page of a project's groups of findings, the last seen first. Of the groups whose open findings are all left by ends of processes, one
 * stands for each end, the same for all ends that left the same groups: the worst, of those the first ever seen. The others are shown
 * under it, and left out here, unless severity or certainty is asked for: what stands for them might then be hidden itself.
 */
export function listFindingGroups(
  db: Db,
  filter: FindingGroupFilter,
  after: FindingGroupPlace | null,
  limit: number,
): Promise<FindingGroupRow[]> {
  return readRows<FindingGroupRow>(
    db,
    "finding groups",
    `with member as materialized (
       select incident_id, group_id, count(*)::int4 as findings,
         first_value(group_id) over (
           partition by incident_id
           order by min(array_position(array['error', 'warning', 'info'], severity)), finding_group.first_seen_ms, group_id
         ) as lead_id
       from finding join finding_group on finding_group.id = finding.group_id
       where finding.project_id = $1 and state = 'open' and incident_id is not null
         and ($2::text[] is null or finding_group.kind = any($2)) and ($3::text is null or finding_group.service = $3)
       group by incident_id, group_id, finding_group.first_seen_ms
     ),
     follower as materialized (
       select group_id, min(lead_id) as lead_id, sum(findings) as findings from member
       group by group_id having min(lead_id) = max(lead_id) and min(lead_id) <> group_id
     ),
     leader as materialized (
       select lead_id, count(distinct incident_id)::int4 as "endedProcesses", sum(findings)::int4 as "endFindings",
         count(distinct group_id)::int4 as "endGroups"
       from member group by lead_id
     )
     select finding_group.id, finding_group.kind, finding_group.service, finding_group.span_name as "spanName", finding_group.cause,
       feedback, feedback_ms::float8 as "feedbackMs", counted."cameBackMs", finding_group.first_seen_ms::float8 as "firstSeenMs",
       finding_group.last_seen_ms::float8 as "lastSeenMs", counted."openCount", counted."totalCount", counted."mutedCount", latest.severity, latest.certainty,
       latest.id as "latestId", latest.trace_id as "latestTraceId", coalesce(latest.span_ids[1], latest.missing_span_id) as "latestSpanId",
       latest.title as "latestTitle", "endedProcesses", "endFindings", "endGroups"
     from finding_group
     cross join lateral (
       select count(*) filter (where state = 'open')::int4 as "openCount", count(*) filter (where state = 'muted')::int4 as "mutedCount",
         count(*)::int4 as "totalCount",
         min(opened_ms) filter (
           where feedback = 'fixed' and opened_ms > feedback_ms and state <> 'retracted' and not muted_by_group
         )::float8 as "cameBackMs"
       from finding where group_id = finding_group.id
     ) as counted
     cross join lateral (
       select * from finding where group_id = finding_group.id order by (state = 'open') desc, opened_ms desc, id desc limit 1
     ) as latest
     left join follower on follower.group_id = finding_group.id and follower.findings = counted."openCount"
     left join leader on leader.lead_id = finding_group.id
     where finding_group.project_id = $1
       and ($2::text[] is null or finding_group.kind = any($2)) and ($3::text is null or finding_group.service = $3)
       and ($4::text is null or latest.severity = $4) and ($9::text is null or latest.certainty = $9)
       and case $5::text when 'open' then counted."openCount" > 0 when 'muted' then counted."mutedCount" > 0 or feedback is not null else true end
       and case
         when $10::text is not null then follower.lead_id = $10
         else follower.lead_id is null or $4::text is not null or $9::text is not null or $5 = 'muted'
       end
       and ($6::int8 is null or (finding_group.last_seen_ms, finding_group.id) < ($6, $7))
     order by finding_group.last_seen_ms desc, finding_group.id desc limit $8`,
    [
      filter.projectId,
      filter.kinds,
      filter.service,
      filter.severity,
      filter.state,
      after?.lastSeenMs ?? null,
      after?.id ?? null,
      limit,
      filter.certainty,
      filter.leadId,
    ],
  );
}

/** How many findings of each group were opened on each day since `sinceMs`: group, day (0 = the first), count. */
export function countFindingsByDay(
  db: Db,
  groupIds: readonly string[],
  sinceMs: number,
): Promise<[groupId: string, day: number, count: number][]> {
  return readTuples(
    db,
    "findings by day",
    `select group_id, ((opened_ms - $2::int8) / 86400000)::int4 as day, count(*)::int4 from finding
     where group_id = any($1::text[]) and opened_ms >= $2 group by group_id, day`,
    [groupIds, sinceMs],
  );
}

/** How often a group's findings happen, by trace; what was retracted never happened. */
export interface GroupRunsRow {
  groupId: string;
  affected: number;
  least: number;
  most: number;
  lastOpenedMs: number;
  /** When the last of those traces began to arrive. */
  lastRunMs: number;
  /** Root span of those traces, the last known. */
  rootService: string | null;
  rootName: string | null;
}

/** The traces in which findings of these groups opened since `sinceMs`. Groups without are not in the list. */
export function countFindingsByRun(db: Db, groupIds: readonly string[], sinceMs: number): Promise<GroupRunsRow[]> {
  return readRows(
    db,
    "findings by run",
    `select per.group_id as "groupId", count(*)::int4 as affected, min(per.findings)::int4 as least, max(per.findings)::int4 as most,
       max(per.opened_ms)::float8 as "lastOpenedMs", max(trace.first_received_ms)::float8 as "lastRunMs",
       (array_agg(trace.root_service order by trace.first_received_ms desc) filter (where trace.root_name is not null))[1] as "rootService",
       (array_agg(trace.root_name order by trace.first_received_ms desc) filter (where trace.root_name is not null))[1] as "rootName"
     from (
       select group_id, trace_id, count(*) as findings, max(opened_ms) as opened_ms from finding
       where group_id = any($1::text[]) and opened_ms >= $2::int8 and state <> 'retracted' and trace_id is not null
       group by group_id, trace_id
     ) as per
     join trace using (trace_id)
     group by per.group_id`,
    [groupIds, sinceMs],
  );
}

export interface RunRow {
  firstReceivedMs: number;
  rootService: string | null;
  rootName: string | null;
  services: string[];
  /** Nothing of it is open, and nothing more is waited for. */
  isOver: boolean;
}

/** The youngest traces of a project since `sinceMs`. */
export function listRuns(db: Db, projectId: number, sinceMs: number, limit: number): Promise<RunRow[]> {
  return readRows(
    db,
    "runs",
    `select first_received_ms::float8 as "firstReceivedMs", root_service as "rootService", root_name as "rootName", services,
       settled_ms is not null and open_count = 0 as "isOver"
     from trace where project_id = $1 and first_received_ms > $2::int8 order by first_received_ms desc, trace_id desc limit $3`,
    [projectId, sinceMs, limit],
  );
}

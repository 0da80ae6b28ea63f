import type { Db } from "@/db/client";
import type { TraceId } from "@/lib/otel/ids";
import { readRows, readTuples } from "./prepared";

/** A stored finding; its sentences are not yet worded. */
export interface FindingRow {
  id: string;
  kind: string;
  severity: string;
  certainty: string;
  state: string;
  service: string;
  spanName: string;
  traceId: TraceId | null;
  spanIds: string[];
  missingSpanId: string | null;
  processId: string | null;
  title: unknown;
  count: number;
  causes: unknown;
  evidence: unknown;
  advice: unknown;
  retractedBy: unknown;
  closedBecause: unknown;
  proposedParents: unknown;
  groupId: string;
  openedMs: number;
  lastEvidenceMs: number;
  closedMs: number | null;
}

const COLUMNS = `id, kind, severity, certainty, state, service, span_name as "spanName", trace_id as "traceId", span_ids as "spanIds",
  missing_span_id as "missingSpanId", process_id as "processId", title, count, causes, evidence, advice, retracted_by as "retractedBy",
  closed_because as "closedBecause", proposed_parents as "proposedParents", group_id as "groupId", opened_ms::float8 as "openedMs", last_evidence_ms::float8 as "lastEvidenceMs",
  closed_ms::float8 as "closedMs"`;

/** A finding, or null when the project has no such. */
export async function findFinding(db: Db, projectId: number, id: string): Promise<FindingRow | null> {
  const rows = await readRows<FindingRow>(db, "finding", `select ${COLUMNS} from finding where id = $1 and project_id = $2`, [
    id,
    projectId,
  ]);
  return rows[0] ?? null;
}

/** Findings of a trace that hold now or are muted, in the order in which they were opened. */
export function listFindingsOfTrace(db: Db, projectId: number, traceId: TraceId): Promise<FindingRow[]> {
  return readRows<FindingRow>(
    db,
    "findings of a trace",
    `select ${COLUMNS} from finding where trace_id = $1 and project_id = $2 and state in ('open', 'muted') order by opened_ms, id`,
    [traceId, projectId],
  );
}

/** What findings are looked for; what is null is not asked for. */
export interface FindingFilter {
  projectId: number;
  kinds: readonly string[] | null;
  state: string | null;
  service: string | null;
  traceId: TraceId | null;
  groupId: string | null;
  certainty: string | null;
  severity: string | null;
}

/** Where a list goes on: after this finding. */
export interface FindingPlace {
  openedMs: number;
  id: string;
}

/** A page of a project's findings, the youngest first. */
export function listFindings(db: Db, filter: FindingFilter, after: FindingPlace | null, limit: number): Promise<FindingRow[]> {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const conditions = [`project_id = ${bind(filter.projectId)}`];
  const add = (value: unknown, condition: (place: string) => string) => {
    if (value !== null) conditions.push(condition(bind(value)));
  };
  add(filter.state, (place) => `state = ${place}`);
  add(filter.kinds, (place) => `kind = any(${place}::text[])`);
  add(filter.service, (place) => `service = ${place}`);
  add(filter.traceId, (place) => `trace_id = ${place}`);
  add(filter.groupId, (place) => `group_id = ${place}`);
  add(filter.certainty, (place) => `certainty = ${place}`);
  add(filter.severity, (place) => `severity = ${place}`);
  if (after !== null) conditions.push(`(opened_ms, id) < (${bind(after.openedMs)}, ${bind(after.id)})`);
  const text = `select ${COLUMNS} from finding where ${conditions.join(" and ")} order by opened_ms desc, id desc limit ${bind(limit)}`;
  const asked = Object.entries(filter).filter(([, value]) => value !== null);
  return readRows<FindingRow>(db, `findings ${asked.map(([key]) => key).join(" ")} ${after !== null}`, text, values);
}

/** A group, and the finding that stands for it. */
export interface FindingGroupRow {
  id: string;
  kind: string;
  service: string;
  spanName: string;
  cause: string | null;
  mutedMs: number | null;
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
}

export interface FindingGroupFilter {
  projectId: number;
  kinds: readonly string[] | null;
  service: string | null;
  severity: string | null;
  certainty: string | null;
  /** Only groups that have an open finding. */
  isOpen: boolean;
}

/** Where a list goes on: after this group. */
export interface FindingGroupPlace {
  lastSeenMs: number;
  id: string;
}

/** A page of a project's groups of findings, the last seen first. */
export function listFindingGroups(
  db: Db,
  filter: FindingGroupFilter,
  after: FindingGroupPlace | null,
  limit: number,
): Promise<FindingGroupRow[]> {
  return readRows<FindingGroupRow>(
    db,
    "finding groups",
    `select finding_group.id, finding_group.kind, finding_group.service, finding_group.span_name as "spanName", finding_group.cause,
       finding_group.muted_ms::float8 as "mutedMs", finding_group.first_seen_ms::float8 as "firstSeenMs",
       finding_group.last_seen_ms::float8 as "lastSeenMs", counted."openCount", counted."totalCount", counted."mutedCount", latest.severity, latest.certainty,
       latest.id as "latestId", latest.trace_id as "latestTraceId", coalesce(latest.span_ids[1], latest.missing_span_id) as "latestSpanId",
       latest.title as "latestTitle"
     from finding_group
     cross join lateral (
       select count(*) filter (where state = 'open')::int4 as "openCount", count(*) filter (where state = 'muted')::int4 as "mutedCount",
         count(*)::int4 as "totalCount"
       from finding where group_id = finding_group.id
     ) as counted
     cross join lateral (
       select * from finding where group_id = finding_group.id order by (state = 'open') desc, opened_ms desc, id desc limit 1
     ) as latest
     where finding_group.project_id = $1
       and ($2::text[] is null or finding_group.kind = any($2)) and ($3::text is null or finding_group.service = $3)
       and ($4::text is null or latest.severity = $4) and ($9::text is null or latest.certainty = $9) and (not $5 or counted."openCount" > 0)
       and ($6::int8 is null or (finding_group.last_seen_ms, finding_group.id) < ($6, $7))
     order by finding_group.last_seen_ms desc, finding_group.id desc limit $8`,
    [
      filter.projectId,
      filter.kinds,
      filter.service,
      filter.severity,
      filter.isOpen,
      after?.lastSeenMs ?? null,
      after?.id ?? null,
      limit,
      filter.certainty,
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

/** Mutes an open finding, or lets a muted one be open again; others stay as they are. */
export async function updateFindingMuted(db: Db, projectId: number, id: string, muted: boolean): Promise<void> {
  await db.$client.query("update finding set state = $3 where id = $1 and project_id = $2 and state = $4", [
    id,
    projectId,
    muted ? "muted" : "open",
    muted ? "open" : "muted",
  ]);
}

import type { Db } from "@/db/client";
import type { TraceId } from "@/lib/otel/ids";
import { readRows } from "./prepared";

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
  incidentId: string | null;
  mutedByGroup: boolean;
  feedback: { verdict: string; atMs: number } | null;
  openedMs: number;
  lastEvidenceMs: number;
  closedMs: number | null;
}

const COLUMNS = `id, kind, severity, certainty, state, service, span_name as "spanName", trace_id as "traceId", span_ids as "spanIds",
  missing_span_id as "missingSpanId", process_id as "processId", title, count, causes, evidence, advice, retracted_by as "retractedBy",
  closed_because as "closedBecause", proposed_parents as "proposedParents", group_id as "groupId", incident_id as "incidentId",
  muted_by_group as "mutedByGroup", opened_ms::float8 as "openedMs", last_evidence_ms::float8 as "lastEvidenceMs",
  (select jsonb_build_object('verdict', feedback, 'atMs', feedback_ms) from finding_group
   where finding_group.id = finding.group_id and feedback is not null) as feedback,
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
  incidentId: string | null;
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
  add(filter.incidentId, (place) => `incident_id = ${place}`);
  add(filter.certainty, (place) => `certainty = ${place}`);
  add(filter.severity, (place) => `severity = ${place}`);
  if (after !== null) conditions.push(`(opened_ms, id) < (${bind(after.openedMs)}, ${bind(after.id)})`);
  const text = `select ${COLUMNS} from finding where ${conditions.join(" and ")} order by opened_ms desc, id desc limit ${bind(limit)}`;
  const asked = Object.entries(filter).filter(([, value]) => value !== null);
  return readRows<FindingRow>(db, `findings ${asked.map(([key]) => key).join(" ")} ${after !== null}`, text, values);
}

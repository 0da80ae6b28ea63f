import type { TraceId } from "@/lib/otel/ids";
import type { Transaction } from "./transaction";

/** A finding as it is written. */
export interface FindingWrite {
  id: string;
  projectId: number;
  kind: string;
  family: string;
  severity: string;
  certainty: string;
  subject: string;
  service: string;
  spanName: string;
  traceId: TraceId | null;
  spanIds: string[];
  missingSpanId: string | null;
  processId: string | null;
  title: object;
  count: number;
  cause: string | null;
  causes: object;
  evidence: object;
  advice: object;
  retractedBy: object;
  proposedParents: object | null;
  groupId: string;
  /** The end of a process that it is a part of, or null. */
  incidentId: string | null;
  lastEvidenceMs: number;
}

/** A finding that is not over. */
export interface StandingFinding {
  id: string;
  kind: string;
  traceId: TraceId;
  spanIds: string[];
  missingSpanId: string | null;
  processId: string | null;
  severity: string;
  state: "open" | "muted";
}

/** The open and muted findings of these traces. */
export async function listStandingFindings(tx: Transaction, traceIds: readonly TraceId[]): Promise<StandingFinding[]> {
  const { rows } = await tx.query<StandingFinding>({
    name: "standing findings",
    text: `select id, kind, trace_id::text as "traceId", span_ids[1:1] as "spanIds", missing_span_id as "missingSpanId",
             process_id::text as "processId", severity, state
           from finding where trace_id = any($1::uuid[]) and state in ('open', 'muted')`,
    values: [traceIds],
  });
  return rows.map((row) => ({ ...row, traceId: row.traceId.replaceAll("-", "") }));
}

/**
 * Writes what is seen now. A finding that is new, or was over, opens at `nowMs`; one that stands is changed where it differs. Their groups
 * are written with them. Ids must differ.
 * @returns those that opened or changed, by id, with their state.
 */
export async function upsertFindings(tx: Transaction, findings: readonly FindingWrite[], nowMs: number): Promise<Map<string, string>> {
  const changed = new Map<string, string>();
  if (findings.length === 0) return changed;
  await upsertGroups(tx, findings, nowMs);
  for (let at = 0; at < findings.length; at += ROWS_PER_STATEMENT) {
    const rows = JSON.stringify(findings.slice(at, at + ROWS_PER_STATEMENT));
    const result = await tx.query<{ id: string; state: string }>({ name: "upsert findings", text: UPSERT, values: [rows, nowMs] });
    for (const { id, state } of result.rows) changed.set(id, state);
  }
  return changed;
}

/** A trace with a hundred thousand open spans has as many findings; to make one statement's JSON takes a few ms. */
const ROWS_PER_STATEMENT = 1_000;

const COMPARED = [
  "severity",
  "certainty",
  "service",
  "span_name",
  "span_ids",
  "missing_span_id",
  "process_id",
  "title",
  "count",
  "cause",
  "causes",
  "evidence",
  "advice",
  "retracted_by",
  "proposed_parents",
  "group_id",
  "incident_id",
  "last_evidence_ms",
];

/**
 * Whether what is seen now is muted because of what somebody said of its group. "Fixed" cannot be disproved by a trace that had begun
 * before: it still ran what was there before the fix.
 */
const IS_MUTED_BY_GROUP = `coalesce(
  finding_group.feedback in ('not-a-problem', 'known') or (finding_group.feedback = 'fixed' and trace.first_received_ms < feedback_ms), false)`;

/** What stands keeps its state, unless its group is another one now; what was muted by itself stays so. */
const KEEPS = `(finding.state in ('open', 'muted') and finding.group_id = excluded.group_id) or (finding.state = 'muted' and not finding.muted_by_group)`;

const UPSERT = `
  insert into finding (id, project_id, kind, family, severity, certainty, state, subject, service, span_name, trace_id, span_ids,
    missing_span_id, process_id, title, count, cause, causes, evidence, advice, retracted_by, proposed_parents, group_id, incident_id,
    opened_ms, last_evidence_ms, muted_by_group)
  select seen.id, "projectId", seen.kind, seen.family, severity, certainty,
    case when ${IS_MUTED_BY_GROUP} then 'muted' else 'open' end, subject, seen.service, "spanName", "traceId", "spanIds",
    "missingSpanId", "processId", title, count, seen.cause, causes, evidence, advice, "retractedBy", "proposedParents",
    "groupId", "incidentId", $2, "lastEvidenceMs", ${IS_MUTED_BY_GROUP}
  from jsonb_to_recordset($1::jsonb) as seen (id text, "projectId" int4, kind text, family text, severity text, certainty text, subject text,
    service text, "spanName" text, "traceId" uuid, "spanIds" text[], "missingSpanId" text, "processId" int8, title jsonb, count int4,
    cause text, causes jsonb, evidence jsonb, advice jsonb, "retractedBy" jsonb, "proposedParents" jsonb, "groupId" text,
    "incidentId" text, "lastEvidenceMs" int8)
  join finding_group on finding_group.id = "groupId"
  left join trace on trace.trace_id = "traceId"
  order by seen.id
  on conflict (id) do update set
    ${COMPARED.map((column) => `${column} = excluded.${column}`).join(", ")},
    state = case when ${KEEPS} then finding.state else excluded.state end,
    muted_by_group = case when ${KEEPS} then finding.muted_by_group else excluded.muted_by_group end,
    opened_ms = case when finding.state in ('open', 'muted') then finding.opened_ms else excluded.opened_ms end,
    closed_ms = null,
    closed_because = null
  where finding.state not in ('open', 'muted')
    or (${COMPARED.map((column) => `finding.${column}`).join(", ")}) is distinct from (${COMPARED.map((column) => `excluded.${column}`).join(", ")})
  returning id, state`;

async function upsertGroups(tx: Transaction, findings: readonly FindingWrite[], nowMs: number): Promise<void> {
  const groups = [...new Map(findings.map((finding) => [finding.groupId, finding])).values()];
  await tx.query({
    name: "upsert finding groups",
    text: `insert into finding_group (id, project_id, kind, family, service, span_name, cause, first_seen_ms, last_seen_ms)
           select *, $8::int8, $8::int8
           from unnest($1::text[], $2::int4[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
             as seen (id, project_id, kind, family, service, span_name, cause)
           order by id
           on conflict (id) do update set last_seen_ms = excluded.last_seen_ms`,
    values: [
      groups.map((group) => group.groupId),
      groups.map((group) => group.projectId),
      groups.map((group) => group.kind),
      groups.map((group) => group.family),
      groups.map((group) => group.service),
      groups.map((group) => group.spanName),
      groups.map((group) => group.cause),
      nowMs,
    ],
  });
}

/** Ends findings that stand: `resolved`, it was true and ended; `retracted`, it was never true. */
export async function closeFindings(
  tx: Transaction,
  closed: readonly { id: string; state: "resolved" | "retracted"; because: string }[],
  nowMs: number,
): Promise<void> {
  if (closed.length === 0) return;
  await tx.query({
    name: "close findings",
    text: `update finding set state = over.state, closed_because = over.because::jsonb, closed_ms = $4::int8
           from unnest($1::text[], $2::text[], $3::text[]) as over (id, state, because)
           where finding.id = over.id and finding.state in ('open', 'muted')`,
    values: [closed.map(({ id }) => id), closed.map(({ state }) => state), closed.map(({ because }) => because), nowMs],
  });
}

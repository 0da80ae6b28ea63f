import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { int8Id, unixMs } from "./columns";

/** Findings with the same kind, service, span name and cause. */
export const findingGroups = pgTable(
  "finding_group",
  {
    id: text("id").primaryKey(),
    projectId: integer("project_id").notNull(),
    kind: text("kind").notNull(),
    family: text("family").notNull(),
    service: text("service").notNull(),
    spanName: text("span_name").notNull(),
    cause: text("cause"),
    firstSeenMs: unixMs("first_seen_ms").notNull(),
    lastSeenMs: unixMs("last_seen_ms").notNull(),
    feedback: text("feedback"),
    feedbackMs: unixMs("feedback_ms"),
  },
  () => [check("finding_group_feedback_check", sql`feedback in ('not-a-problem', 'known', 'fixed')`)],
);

/** One thing that a check saw, with its life. */
export const findings = pgTable(
  "finding",
  {
    id: text("id").primaryKey(),
    projectId: integer("project_id").notNull(),
    kind: text("kind").notNull(),
    family: text("family").notNull(),
    severity: text("severity").notNull(),
    certainty: text("certainty").notNull(),
    state: text("state").notNull(),
    subject: text("subject").notNull(),
    service: text("service").notNull(),
    spanName: text("span_name").notNull(),
    traceId: uuid("trace_id"),
    spanIds: text("span_ids").array().notNull(),
    missingSpanId: text("missing_span_id"),
    processId: int8Id("process_id"),
    title: jsonb("title").notNull(),
    count: integer("count").notNull(),
    cause: text("cause"),
    causes: jsonb("causes").notNull(),
    evidence: jsonb("evidence").notNull(),
    advice: jsonb("advice").notNull(),
    retractedBy: jsonb("retracted_by").notNull(),
    groupId: text("group_id")
      .notNull()
      .references(() => findingGroups.id),
    openedMs: unixMs("opened_ms").notNull(),
    lastEvidenceMs: unixMs("last_evidence_ms").notNull(),
    closedMs: unixMs("closed_ms"),
    closedBecause: jsonb("closed_because"),
    proposedParents: jsonb("proposed_parents"),
    mutedByGroup: boolean("muted_by_group").notNull().default(false),
    incidentId: text("incident_id"),
  },
  (table) => [
    // GET /api/findings
    index("finding_by_state").on(table.projectId, table.state, table.openedMs.desc().nullsFirst(), table.id.desc().nullsFirst()),
    // GET /api/findings?state=all
    index("finding_by_opened").on(table.projectId, table.openedMs.desc().nullsFirst(), table.id.desc().nullsFirst()),
    // GET /api/traces/{traceId}
    index("finding_by_trace").on(table.traceId),
    // what a look at senders found before
    index("finding_without_trace").on(table.projectId, table.state).where(sql`trace_id is null`),
    // GET /api/findings/groups
    index("finding_by_group").on(table.groupId, table.openedMs.desc().nullsFirst()),
    // GET /api/findings/groups: which groups belong to the same ends of processes
    index("finding_by_incident")
      .on(table.projectId, table.incidentId, table.groupId)
      .where(sql`(state = 'open'::text) and (incident_id is not null)`),
    check("finding_state_check", sql`state in ('open', 'resolved', 'retracted', 'muted')`),
  ],
);

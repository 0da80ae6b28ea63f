import { sql } from "drizzle-orm";
import { index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytes, unixMs, unixNano } from "./columns";

/** One summary row per trace: what lists show. */
export const traces = pgTable(
  "trace",
  {
    traceId: uuid("trace_id").primaryKey(),
    projectId: integer("project_id").notNull(),
    firstReceivedMs: unixMs("first_received_ms").notNull(),
    lastReceivedMs: unixMs("last_received_ms").notNull(),
    startNs: unixNano("start_ns"),
    endNs: unixNano("end_ns"),
    spanCount: integer("span_count").notNull(),
    errorCount: integer("error_count").notNull(),
    logCount: integer("log_count").notNull().default(0),
    openCount: integer("open_count").notNull().default(0),
    missingCount: integer("missing_count").notNull().default(0),
    rootService: text("root_service"),
    rootName: text("root_name"),
    rootSpanId: bytes("root_span_id"),
    services: text("services").array().notNull(),
    settledMs: unixMs("settled_ms"),
    findingCount: integer("finding_count").notNull().default(0),
    worstSeverity: text("worst_severity"),
    kinds: text("kinds").array().notNull().default([]),
    startRecords: integer("start_records").notNull().default(0),
    endRecords: integer("end_records").notNull().default(0),
  },
  (table) => [
    // GET /api/traces, newest first
    index("trace_by_first").on(table.projectId, table.firstReceivedMs.desc().nullsFirst(), table.traceId.desc().nullsFirst()),
    // the same with findings
    index("trace_with_findings")
      .on(table.projectId, table.firstReceivedMs.desc().nullsFirst(), table.traceId.desc().nullsFirst())
      .where(sql`finding_count > 0`),
    // the same with open spans
    index("trace_open").on(table.projectId, table.firstReceivedMs.desc().nullsFirst()).where(sql`open_count > 0`),
  ],
);

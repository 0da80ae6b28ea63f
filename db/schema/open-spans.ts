import { sql } from "drizzle-orm";
import { index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { bytes, int8Id, unixMs, unixNano } from "./columns";

/** Spans that are open or missing now. */
export const openSpans = pgTable(
  "open_span",
  {
    traceId: uuid("trace_id").notNull(),
    spanId: bytes("span_id").notNull(),
    projectId: integer("project_id").notNull(),
    processId: int8Id("process_id").notNull(),
    service: text("service").notNull(),
    name: text("name").notNull(),
    state: text("state").notNull(),
    startNs: unixNano("start_ns").notNull(),
    startMs: unixMs("start_ms").notNull(),
    firstReceivedMs: unixMs("first_received_ms").notNull(),
    lastActivityMs: unixMs("last_activity_ms").notNull(),
    callSite: text("call_site"),
    expectedId: text("expected_id"),
  },
  (table) => [
    primaryKey({ columns: [table.traceId, table.spanId] }),
    // the traces of a process that ended
    index("open_span_by_process").on(table.processId),
    // GET /api/open-spans, oldest first
    index("open_span_by_start").on(table.projectId, table.startMs, table.traceId, table.spanId),
    // GET /api/expected-spans: how many spans each lets be long
    index("open_span_by_expected").on(table.expectedId).where(sql`expected_id is not null`),
  ],
);

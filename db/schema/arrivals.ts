import { index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { int8Id, unixMs } from "./columns";

/** What arrived, for the scheduler to consume. */
export const arrivals = pgTable("arrival", {
  id: int8Id("id").primaryKey(),
  atMs: unixMs("at_ms").notNull(),
  projectId: integer("project_id").notNull(),
  what: text("what").notNull(),
  traceIds: uuid("trace_ids").array().notNull().default([]),
  openTraceIds: uuid("open_trace_ids").array().notNull().default([]),
  processIds: int8Id("process_ids").array().notNull().default([]),
});

/** When the scheduler looks next at a project's senders. */
export const sourceWatches = pgTable("source_watch", {
  projectId: integer("project_id").primaryKey(),
  dueMs: unixMs("due_ms").notNull(),
  version: integer("version").notNull().default(1),
});

/** When the scheduler looks at a trace next. */
export const traceWatches = pgTable(
  "trace_watch",
  {
    traceId: uuid("trace_id").primaryKey(),
    projectId: integer("project_id").notNull(),
    dueMs: unixMs("due_ms").notNull(),
    lastReceivedMs: unixMs("last_received_ms").notNull(),
    version: integer("version").notNull().default(1),
  },
  (table) => [
    // what to look at next
    index("trace_watch_by_due").on(table.dueMs),
  ],
);

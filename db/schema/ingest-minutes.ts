import { bigint, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { unixMs } from "./columns";

/** Per minute and service: what charts draw. */
export const ingestMinutes = pgTable(
  "ingest_minute",
  {
    projectId: integer("project_id").notNull(),
    minuteMs: unixMs("minute_ms").notNull(),
    service: text("service").notNull(),
    spans: bigint("spans", { mode: "number" }).notNull(),
    logs: bigint("logs", { mode: "number" }).notNull(),
    errors: bigint("errors", { mode: "number" }).notNull(),
    rejected: bigint("rejected", { mode: "number" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.minuteMs, table.service] })],
);

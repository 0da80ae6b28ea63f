import { bigint, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { unixMs } from "./columns";

/** Usual durations by service and span name. */
export const spanBaselines = pgTable(
  "span_baseline",
  {
    projectId: integer("project_id").notNull(),
    service: text("service").notNull(),
    name: text("name").notNull(),
    closedCount: bigint("closed_count", { mode: "number" }).notNull(),
    buckets: jsonb("buckets").notNull(),
    updatedMs: unixMs("updated_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.service, table.name] })],
);

/** How parents that were named as remote fare, by service. */
export const remoteParentHabits = pgTable(
  "remote_parent_habit",
  {
    projectId: integer("project_id").notNull(),
    service: text("service").notNull(),
    remoteParents: bigint("remote_parents", { mode: "number" }).notNull(),
    neverReceived: bigint("never_received", { mode: "number" }).notNull(),
    distinctMissing: bigint("distinct_missing", { mode: "number" }).notNull(),
    updatedMs: unixMs("updated_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.service] })],
);

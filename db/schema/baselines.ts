import { bigint, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { unixMs } from "./columns";

/** Usual durations and logs by service and span name. */
export const spanBaselines = pgTable(
  "span_baseline",
  {
    projectId: integer("project_id").notNull(),
    service: text("service").notNull(),
    name: text("name").notNull(),
    closedCount: bigint("closed_count", { mode: "number" }).notNull(),
    buckets: jsonb("buckets").notNull(),
    logSpans: bigint("log_spans", { mode: "number" }).notNull().default(0),
    withLogs: bigint("with_logs", { mode: "number" }).notNull().default(0),
    logCount: bigint("log_count", { mode: "number" }).notNull().default(0),
    withoutInARow: bigint("without_in_a_row", { mode: "number" }).notNull().default(0),
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

/** Which numbers the workers of one kind had in their latest runs. */
export const workerHabits = pgTable(
  "worker_habit",
  {
    projectId: integer("project_id").notNull(),
    service: text("service").notNull(),
    parent: text("parent").notNull(),
    template: text("template").notNull(),
    runs: text("runs").array().notNull(),
    updatedMs: unixMs("updated_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.service, table.parent, table.template] })],
);

import { sql } from "drizzle-orm";
import { bigint, doublePrecision, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { int8Id, unixMs, unixNano } from "./columns";

/** One row per identity that sent records (design §4: a tuple, never a pid alone). */
export const processes = pgTable(
  "process",
  {
    id: int8Id("id").primaryKey(),
    projectId: integer("project_id").notNull(),
    service: text("service").notNull(),
    instanceId: text("instance_id"),
    pid: bigint("pid", { mode: "number" }),
    host: text("host"),
    sdkName: text("sdk_name"),
    sdkLanguage: text("sdk_language"),
    sdkVersion: text("sdk_version"),
    logfireVersion: text("logfire_version"),
    userAgent: text("user_agent").notNull(),
    resourceId: int8Id("resource_id").notNull(),
    firstReceivedMs: unixMs("first_received_ms").notNull(),
    lastReceivedMs: unixMs("last_received_ms").notNull(),
    longestPauseMs: unixMs("longest_pause_ms"),
    localPid: bigint("local_pid", { mode: "number" }),
    localVerifiedBy: text("local_verified_by"),
    localAliveMs: unixMs("local_alive_ms"),
    localGoneMs: unixMs("local_gone_ms"),
    exitedMs: unixMs("exited_ms"),
    localRun: text("local_run"),
    endedSpans: bigint("ended_spans", { mode: "number" }).notNull().default(0),
    logs: bigint("logs", { mode: "number" }).notNull().default(0),
    trimmedSpans: bigint("trimmed_spans", { mode: "number" }).notNull().default(0),
  },
  (table) => [
    // GET /api/processes
    index("process_by_last").on(table.projectId, table.lastReceivedMs.desc().nullsFirst()),
    // which paths of a service reconnect (db/queries/processes)
    index("process_by_service").on(table.projectId, table.service, table.lastReceivedMs.desc().nullsFirst()),
    // which process took the place of another
    index("process_by_instance").on(table.projectId, table.instanceId).where(sql`instance_id is not null`),
  ],
);

/** The SDK's own counters (otel.sdk.*), the last value of each. */
export const processMetrics = pgTable(
  "process_metric",
  {
    processId: int8Id("process_id").notNull(),
    name: text("name").notNull(),
    attributes: text("attributes").notNull(),
    projectId: integer("project_id").notNull(),
    value: doublePrecision("value").notNull(),
    timeNs: unixNano("time_ns").notNull(),
    receivedMs: unixMs("received_ms").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.processId, table.name, table.attributes] }),
    // retention
    index("process_metric_by_received").on(table.receivedMs),
  ],
);

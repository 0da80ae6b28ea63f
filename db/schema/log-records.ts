import { index, integer, pgTable, smallint, text, uuid } from "drizzle-orm/pg-core";
import { bytes, int8Id, unixMs, unixNano } from "./columns";

/** Append-only; partitioned by `received_ms`. A record that names no trace has a trace id of zeros. */
export const logRecords = pgTable(
  "log_record",
  {
    receivedMs: unixMs("received_ms").notNull(),
    timeNs: unixNano("time_ns").notNull(),
    requestId: int8Id("request_id").notNull(),
    connectionId: int8Id("connection_id").notNull(),
    processId: int8Id("process_id").notNull(),
    resourceId: int8Id("resource_id").notNull(),
    scopeId: int8Id("scope_id").notNull(),
    traceId: uuid("trace_id").notNull(),
    projectId: integer("project_id").notNull(),
    flags: integer("flags").notNull(),
    marks: integer("marks").notNull(),
    severityNumber: smallint("severity_number").notNull(),
    spanId: bytes("span_id"),
    service: text("service").notNull(),
    severityText: text("severity_text"),
    eventName: text("event_name"),
    message: text("message").notNull(),
    template: text("template"),
    body: bytes("body"),
    attributes: bytes("attributes"),
  },
  (table) => [
    // every read of a trace
    index("log_record_by_trace").on(table.traceId),
  ],
);

import { index, integer, pgTable, smallint, text, uuid } from "drizzle-orm/pg-core";
import { bytes, int8Id, unixMs, unixNano } from "./columns";

/** One received report about a span: its start, a heartbeat or its end. Append-only; partitioned by `received_ms`. */
export const spanRecords = pgTable(
  "span_record",
  {
    receivedMs: unixMs("received_ms").notNull(),
    startNs: unixNano("start_ns").notNull(),
    endNs: unixNano("end_ns"),
    requestId: int8Id("request_id").notNull(),
    connectionId: int8Id("connection_id").notNull(),
    processId: int8Id("process_id").notNull(),
    resourceId: int8Id("resource_id").notNull(),
    scopeId: int8Id("scope_id").notNull(),
    traceId: uuid("trace_id").notNull(),
    projectId: integer("project_id").notNull(),
    flags: integer("flags").notNull(),
    marks: integer("marks").notNull(),
    heartbeatEveryMs: integer("heartbeat_every_ms"),
    droppedCount: integer("dropped_count").notNull(),
    phase: smallint("phase").notNull(),
    dialect: smallint("dialect").notNull(),
    kind: smallint("kind").notNull(),
    statusCode: smallint("status_code").notNull(),
    spanId: bytes("span_id").notNull(),
    parentSpanId: bytes("parent_span_id"),
    service: text("service").notNull(),
    name: text("name").notNull(),
    statusMessage: text("status_message"),
    traceState: text("trace_state"),
    attributes: bytes("attributes"),
    events: bytes("events"),
    links: bytes("links"),
  },
  (table) => [
    // every read of a trace
    index("span_record_by_trace").on(table.traceId),
  ],
);

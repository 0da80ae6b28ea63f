import { index, integer, pgTable, text } from "drizzle-orm/pg-core";
import { bytes, int8Id, unixMs } from "./columns";

/** Partitioned by `received_ms`, one partition a day (db/partitions.ts). */
export const requests = pgTable(
  "request",
  {
    id: int8Id("id").notNull(),
    receivedMs: unixMs("received_ms").notNull(),
    connectionId: int8Id("connection_id").notNull(),
    projectId: integer("project_id").notNull(),
    path: text("path").notNull(),
    userAgent: text("user_agent").notNull(),
    encoding: text("encoding").notNull(),
    wireBytes: integer("wire_bytes").notNull(),
    bodyBytes: integer("body_bytes").notNull(),
    spans: integer("spans").notNull(),
    logs: integer("logs").notNull(),
    rejected: integer("rejected").notNull(),
    status: integer("status").notNull(),
    outcome: text("outcome").notNull(),
  },
  (table) => [
    // the request of a record
    index("request_by_id").on(table.id),
  ],
);

/** Bodies of the last hour: a retry of one that was committed changes nothing. */
export const requestLedger = pgTable(
  "request_ledger",
  {
    bodySha: bytes("body_sha").primaryKey(),
    receivedMs: unixMs("received_ms").notNull(),
  },
  (table) => [
    // retention
    index("request_ledger_by_received").on(table.receivedMs),
  ],
);

/** GET /v1/info: an SDK that was started. */
export const handshakes = pgTable(
  "handshake",
  {
    id: int8Id("id").primaryKey(),
    atMs: unixMs("at_ms").notNull(),
    connectionId: int8Id("connection_id").notNull(),
    projectId: integer("project_id").notNull(),
    peer: text("peer").notNull(),
    userAgent: text("user_agent").notNull(),
    tokenHash: bytes("token_hash"),
  },
  (table) => [
    // SDKs that started and sent nothing
    index("handshake_by_at").on(table.projectId, table.atMs),
  ],
);

/** What was answered with an error, and why. */
export const rejects = pgTable(
  "reject",
  {
    id: int8Id("id").primaryKey(),
    atMs: unixMs("at_ms").notNull(),
    connectionId: int8Id("connection_id").notNull(),
    projectId: integer("project_id"),
    path: text("path").notNull(),
    userAgent: text("user_agent").notNull(),
    status: integer("status").notNull(),
    reason: text("reason").notNull(),
    detail: text("detail").notNull(),
    bodyHead: bytes("body_head"),
  },
  (table) => [
    // latest first, and retention
    index("reject_by_at").on(table.atMs),
  ],
);

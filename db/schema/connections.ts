import { sql } from "drizzle-orm";
import { boolean, check, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { bytes, int8Id, unixMs } from "./columns";

/** A TCP connection to ingest; how it was closed is evidence. */
export const connections = pgTable(
  "connection",
  {
    id: int8Id("id").primaryKey(),
    protocol: text("protocol").notNull(),
    peer: text("peer").notNull(),
    peerPort: integer("peer_port").notNull(),
    userAgent: text("user_agent").notNull().default(""),
    direct: boolean("direct").notNull().default(true),
    openedMs: unixMs("opened_ms").notNull(),
    closedMs: unixMs("closed_ms"),
    closedBy: text("closed_by"),
    lastRequestMs: unixMs("last_request_ms"),
    requests: integer("requests").notNull().default(0),
    ingestId: text("ingest_id").notNull(),
    tokenHash: bytes("token_hash"),
  },
  (table) => [
    // those of an ingest that died
    index("connection_open").on(table.ingestId).where(sql`closed_ms is null`),
    // retention
    index("connection_by_opened").on(table.openedMs),
    check("connection_closed_by_check", sql`closed_by in ('client', 'reset', 'server')`),
  ],
);

/** Which processes a connection carried. */
export const connectionProcesses = pgTable(
  "connection_process",
  {
    connectionId: int8Id("connection_id").notNull(),
    processId: int8Id("process_id").notNull(),
    firstReceivedMs: unixMs("first_received_ms").notNull(),
    lastReceivedMs: unixMs("last_received_ms").notNull(),
    requests: integer("requests").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.processId, table.connectionId] }),
    // what a closed connection carried
    index("connection_process_by_connection").on(table.connectionId),
  ],
);

import { sql } from "drizzle-orm";
import { check, integer, pgTable, text } from "drizzle-orm/pg-core";
import { bytes, unixMs } from "./columns";

/** Owner of telemetry. */
export const projects = pgTable("project", {
  id: integer("id").primaryKey(),
  name: text("name").notNull().unique(),
  createdMs: unixMs("created_ms").notNull(),
});

/** What an exporter or a reader of the API shows; only its hash is kept. */
export const apiKeys = pgTable(
  "api_key",
  {
    id: text("id").primaryKey(),
    projectId: integer("project_id")
      .notNull()
      .references(() => projects.id),
    name: text("name").notNull(),
    scope: text("scope").notNull(),
    hash: bytes("hash").notNull().unique(),
    hint: text("hint").notNull(),
    createdMs: unixMs("created_ms").notNull(),
    lastUsedMs: unixMs("last_used_ms"),
    revokedMs: unixMs("revoked_ms"),
  },
  () => [check("api_key_scope_check", sql`scope in ('ingest', 'read', 'admin')`)],
);

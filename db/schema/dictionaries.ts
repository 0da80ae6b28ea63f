import { pgTable, text } from "drizzle-orm/pg-core";
import { bytes, int8Id, unixMs } from "./columns";

/** Dictionary: the id is the hash of the content. */
export const resources = pgTable("resource", {
  id: int8Id("id").primaryKey(),
  service: text("service").notNull(),
  attributes: bytes("attributes").notNull(),
  schemaUrl: text("schema_url").notNull(),
  firstReceivedMs: unixMs("first_received_ms").notNull(),
});

/** Dictionary: the id is the hash of the content. */
export const scopes = pgTable("scope", {
  id: int8Id("id").primaryKey(),
  name: text("name").notNull(),
  version: text("version").notNull(),
  attributes: bytes("attributes").notNull(),
  schemaUrl: text("schema_url").notNull(),
});

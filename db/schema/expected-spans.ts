import { sql } from "drizzle-orm";
import { check, integer, pgTable, text, unique } from "drizzle-orm/pg-core";
import { unixMs } from "./columns";
import { projects } from "./projects";

/** Rules by which spans may stay open for long. */
export const expectedSpans = pgTable(
  "expected_span",
  {
    id: text("id").primaryKey(),
    projectId: integer("project_id")
      .notNull()
      .references(() => projects.id),
    service: text("service"),
    spanName: text("span_name"),
    attributeKey: text("attribute_key"),
    attributeValue: text("attribute_value"),
    spanKind: text("span_kind"),
    createdMs: unixMs("created_ms").notNull(),
    fingerprint: text("fingerprint").notNull(),
  },
  (table) => [
    unique("expected_span_project_id_fingerprint_key").on(table.projectId, table.fingerprint),
    check("expected_span_check", sql`coalesce(service, span_name, attribute_key, span_kind) is not null`),
    check("expected_span_check1", sql`(attribute_key is null) = (attribute_value is null)`),
  ],
);

import { bigint, pgTable, text, timestamp } from "drizzle-orm/pg-core";

/** One holder of each role at a time. */
export const leases = pgTable("lease", {
  name: text("name").primaryKey(),
  holder: text("holder").notNull(),
  fence: bigint("fence", { mode: "number" }).notNull(),
  until: timestamp("until", { withTimezone: true }).notNull(),
});

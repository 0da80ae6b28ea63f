import { defineConfig } from "drizzle-kit";

/**
 * `npm run db:generate` writes what the tables here have and the last migration has not into db/migrations. Then edit it by hand (add the
 * partitioning, fillfactor and comments, which drizzle cannot express) and commit it with its snapshot. Never `push`.
 */
export default defineConfig({
  dialect: "postgresql",
  schema: "./db/schema/*.ts",
  out: "./db/migrations",
});

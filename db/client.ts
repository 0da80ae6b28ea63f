import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import { logger } from "@/lib/logger";

/** The pool dressed as drizzle, or a transaction of it. `$client` is the pg pool for SQL by hand. */
export type Db = NodePgDatabase & { $client: pg.Pool };

/**
 * Opens a pool. Connections are made when first used. Reads get a statement time-out so that no page can hold the database
 * (reliability-security.md §4.5); writers (`statementTimeoutMs: 0`) do not.
 */
export function openDatabase(connectionString: string, options: { max: number; statementTimeoutMs: number; applicationName: string }): Db {
  const pool = new pg.Pool({
    connectionString,
    max: options.max,
    application_name: options.applicationName,
    statement_timeout: options.statementTimeoutMs || undefined,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
  });
  // Without this handler a restart of Postgres would end our process (pitfall 23).
  pool.on("error", (error) => logger.warn({ err: error }, "an idle database connection was lost"));
  return drizzle({ client: pool });
}

import { type Db, openDatabase } from "@/db/client";
import type { DataDir } from "@/db/embedded/data-dir";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@/db/embedded/embedded-postgres";
import { migrate } from "@/db/migrate";
import { makePartitions } from "@/db/partitions";
import { logger } from "@/lib/logger";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Starts the embedded server and tells the log when it dies and comes back. */
export function startDatabase(dataDir: DataDir): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres(dataDir, {
    onChange: (change, detail) => (change === "up" ? logger.info(detail) : logger.error(detail)),
  });
}

/** Brings the schema up to date and makes the days' partitions. */
export async function prepareDatabase(url: string): Promise<Db> {
  const ran = await migrate(url);
  if (ran.length > 0) logger.info({ migrations: ran }, "the schema is up to date");
  const db = openDatabase(url, { max: 2, statementTimeoutMs: 0, applicationName: "spanwatch supervisor" });
  await makePartitions(db, Date.now());
  return db;
}

/**
 * Makes the partitions of the coming days, every hour. The supervisor does it, so that ingest alone (or beside a scheduler that hangs)
 * finds one when a day begins.
 */
export function keepPartitions(db: Db): { stop: () => void } {
  let timer = setTimeout(look, HOUR_MS).unref();
  async function look(): Promise<void> {
    try {
      await makePartitions(db, Date.now());
      timer = setTimeout(look, HOUR_MS).unref();
    } catch (error) {
      logger.error({ err: error }, "the partitions of the coming days could not be made; trying again in a minute");
      timer = setTimeout(look, MINUTE_MS).unref();
    }
  }
  return { stop: () => clearTimeout(timer) };
}

import { readConfig } from "@/lib/config";
import { StartError } from "@/lib/errors";
import { logger } from "@/lib/logger";
import { startScheduler } from "./start-scheduler";

/** The scheduler process. Told to stop, or left alone by its supervisor, it ends after the transaction that is open. */
function main(): void {
  const config = readConfig();
  // The supervisor names the database also when it runs one of its own.
  if (config.databaseUrl === null) {
    throw new StartError("DATABASE_URL is not set: the scheduler needs a database. Start all with npm start.");
  }
  const scheduler = startScheduler(config, config.databaseUrl);
  logger.info("the scheduler runs");
  process.send?.({ type: "ready" });

  const stop = () => void scheduler.close().then(() => process.exit(0));
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("disconnect", stop);
}

try {
  main();
} catch (error) {
  if (error instanceof StartError) process.stderr.write(`${error.message}\n`);
  else logger.fatal({ err: error }, "the scheduler cannot start");
  process.exit(1);
}

import { readConfig } from "@/lib/config";
import { StartError } from "@/lib/errors";
import { logger } from "@/lib/logger";
import { startIngest } from "./start-ingest";

/** The ingest process: everything that listens for telemetry. Told to stop, or left alone by its supervisor, it drains and ends. */
async function main(): Promise<void> {
  const config = readConfig();
  // The supervisor names the database also when it runs one of its own.
  if (config.databaseUrl === null)
    throw new StartError("DATABASE_URL is not set: the ingest process needs a database. Start all with npm start.");
  const ingest = await startIngest({ config, databaseUrl: config.databaseUrl });
  logger.info({ http: ingest.httpPort, grpc: ingest.grpcPort }, "ingest listens");
  process.send?.({ type: "ready" });

  const stop = () => void ingest.close().then(() => process.exit(0));
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("disconnect", stop);
}

main().catch((error: unknown) => {
  if (error instanceof StartError) process.stderr.write(`${error.message}\n`);
  else logger.fatal({ err: error }, "ingest cannot start");
  process.exit(1);
});

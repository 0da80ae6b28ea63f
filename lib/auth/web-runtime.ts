import { type Db, openDatabase } from "@/db/client";
import { type Config, readConfig } from "@/lib/config";
import { AppError } from "@/lib/errors";
import { sessionSecret } from "./secret";

/** What the web process has one of. */
export interface WebRuntime {
  config: Config;
  db: Db;
  /** The key of session cookies; made when first needed, which in local mode is never. */
  secret(): string;
}

/** Next bundles routes and pages apart, so a module's own variable would exist several times (reliability-security.md §1.2). */
const place = globalThis as { spanwatchWeb?: WebRuntime };

/** Pages and routes read with this many connections, so that they cannot starve ingest and the scheduler of theirs. */
const CONNECTIONS_MAX = 10;
const STATEMENT_TIMEOUT_MS = 15_000;

/**
 * Settings and the pool of this web process, opened once.
 * @throws AppError `unavailable` when it was started without a database.
 */
export function webRuntime(): WebRuntime {
  place.spanwatchWeb ??= open();
  return place.spanwatchWeb;
}

/** For tests: the next requests are answered with this. */
export function setWebRuntime(runtime: Pick<WebRuntime, "config" | "db">): void {
  place.spanwatchWeb = { ...runtime, secret: once(() => sessionSecret(runtime.config)) };
}

function open(): WebRuntime {
  const config = readConfig();
  // The supervisor names the database also when it runs the embedded one.
  if (config.databaseUrl === null)
    throw new AppError("unavailable", "The web process was started without DATABASE_URL: start it with npm start.");
  const db = openDatabase(config.databaseUrl, {
    max: CONNECTIONS_MAX,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    applicationName: "spanwatch web",
  });
  return { config, db, secret: once(() => sessionSecret(config)) };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

import { setTimeout as sleep } from "node:timers/promises";
import { openDataDir } from "@/db/embedded/data-dir";
import { ensureFirstKeys, type FirstKeys } from "@/lib/auth/first-keys";
import type { Config } from "@/lib/config";
import { StartError } from "@/lib/errors";
import { logger } from "@/lib/logger";
import { banner } from "./banner";
import { keepPartitions, prepareDatabase, startDatabase } from "./database";
import { type Part, type PartName, startPart } from "./part";
import { checkPorts } from "./ports";
import { listenForStop, type StopRequest } from "./stop-request";

/** In the order in which they stop, and how long each may take to drain: with the database's share, ten seconds at most. */
const DRAIN_MS: Record<PartName, number> = { web: 2_000, ingest: 5_000, scheduler: 1_000 };
const DATABASE_STOP_SECONDS = 2;
/** That the parts of a run which was killed have to notice it. */
const PATIENCE_AFTER_CRASH_MS = 8_000;

/**
 * Runs the parts of `config.role` and, when no DATABASE_URL is set, their database, until a signal asks to stop or one of the parts ends:
 * no half-alive product.
 * @returns the exit code: 0 when asked to stop, else that of the part which ended.
 * @throws StartError when it cannot start.
 */
export async function supervise(config: Config, dev: boolean): Promise<number> {
  const stop = listenForStop();
  if (config.databaseUrl !== null) {
    await checkPorts(config, 0);
    return await serve(config, config.databaseUrl, dev, stop);
  }
  if (config.role !== "all") {
    throw new StartError(`SPANWATCH_ROLE="${config.role}" needs DATABASE_URL: only the role "all" runs a database of its own.`);
  }
  const dataDir = await openDataDir(config.dataDir);
  void stop.asked.then(() => dataDir.announceEnd());
  try {
    await checkPorts(config, dataDir.lastHolderDied ? PATIENCE_AFTER_CRASH_MS : 0);
    const database = await startDatabase(dataDir);
    try {
      return await serve(config, database.url, dev, stop);
    } finally {
      await database.stop(DATABASE_STOP_SECONDS);
    }
  } finally {
    dataDir.close();
  }
}

async function serve(config: Config, databaseUrl: string, dev: boolean, stop: StopRequest): Promise<number> {
  const db = await prepareDatabase(databaseUrl);
  const upkeep = keepPartitions(db);
  try {
    const keys = await ensureFirstKeys(db, config);
    return stop.isAsked() ? 0 : await runParts(config, databaseUrl, keys, dev, stop);
  } finally {
    upkeep.stop();
    await db.$client.end();
  }
}

async function runParts(config: Config, databaseUrl: string, keys: FirstKeys | null, dev: boolean, stop: StopRequest): Promise<number> {
  const env = partEnv(config, databaseUrl, dev);
  const names: PartName[] = config.role === "all" ? ["web", "ingest", "scheduler"] : [config.role];
  const parts = names.map((name) => startPart(name, config, env, dev));

  const anyEnded = Promise.race(parts.map(async (part) => ({ name: part.name, code: await part.ended })));
  const allReady = Promise.all(parts.map((part) => part.ready)).then(() => null);
  const first = await Promise.race([anyEnded, stop.asked.then(() => null), allReady]);
  if (!first && !stop.isAsked()) say(config.role === "all" ? banner(config, keys) : `Spanwatch ${config.role} is ready.`);

  const ended = first ?? (await Promise.race([anyEnded, stop.asked.then(() => null)]));
  if (ended) logger.error(`${ended.name} ended (${ended.code}); stopping the rest`);
  else say("Stopping…");
  await stopParts(parts, stop);
  return ended ? ended.code || 1 : 0;
}

/** One after the other: nobody looks any more, then nothing more is taken in, then nothing more is concluded. */
async function stopParts(parts: Part[], stop: StopRequest): Promise<void> {
  const insisted = stop.insisted.then(() => true);
  for (const part of parts) {
    part.kill("SIGTERM");
    const timer = new AbortController();
    const late = sleep(DRAIN_MS[part.name], true, { signal: timer.signal, ref: false }).catch(() => false);
    if (await Promise.race([part.ended.then(() => false), late, insisted])) {
      logger.warn(`${part.name} did not stop in time and is killed`);
      part.kill("SIGKILL");
      await part.ended;
    }
    timer.abort();
  }
}

/** To the person at the terminal, beside the log's JSON lines. */
const say = (text: string) => process.stdout.write(`${text}\n`);

function partEnv(config: Config, databaseUrl: string, dev: boolean): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DATABASE_URL: databaseUrl,
    DATABASE_URL_FILE: "",
    DATA_DIR: config.dataDir,
    NODE_ENV: dev ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
  };
}

import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { openDatabase } from "@/db/client";
import { clusterName } from "@/db/embedded/cluster";
import { type DataDir, openDataDir } from "@/db/embedded/data-dir";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@/db/embedded/embedded-postgres";
import { listClusterProcesses } from "@/db/embedded/process-table";
import { migrate } from "@/db/migrate";
import { makePartitions } from "@/db/partitions";

declare module "vitest" {
  export interface ProvidedContext {
    /** Address of the migrated database that every test file's own is cloned from. */
    templateDatabaseUrl: string;
  }
}

const PREFIX = "spanwatch-test-";

/** One embedded PostgreSQL for the whole run, in a temporary directory; the tests get its address by `inject`. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const dataDir = await openDataDir(mkdtempSync(join(tmpdir(), PREFIX)));
  let server: EmbeddedPostgres | null = null;
  const teardown = async () => {
    await server?.stop();
    remove(dataDir);
  };
  try {
    server = await startEmbeddedPostgres(dataDir, { overrides: { shared_buffers: "128MB", fsync: "off" } });
    await makeTemplate(server.url);
    project.provide("templateDatabaseUrl", server.url);
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}

async function makeTemplate(url: string): Promise<void> {
  await migrate(url);
  const db = openDatabase(url, { max: 1, statementTimeoutMs: 0, applicationName: "spanwatch test setup" });
  await makePartitions(db, Date.now());
  // A database that somebody is connected to cannot be cloned.
  await db.$client.end();
}

/** Ends and removes what killed runs left behind. A run that still goes on holds its directory, and is passed over. */
async function sweep(): Promise<void> {
  const left = readdirSync(tmpdir()).map((name) => join(tmpdir(), name));
  for (const path of left.filter((path) => path.startsWith(join(tmpdir(), PREFIX)) && existsSync(join(path, "spanwatch.lock")))) {
    const dataDir = await openDataDir(path).catch(() => null);
    if (!dataDir) continue;
    const pgData = join(path, "postgres", "data");
    for (const pid of existsSync(pgData) ? listClusterProcesses(clusterName(pgData)) : []) process.kill(pid, "SIGKILL");
    remove(dataDir);
  }
}

function remove(dataDir: DataDir): void {
  dataDir.close();
  rmSync(dataDir.path, { recursive: true, force: true, maxRetries: 3 });
}

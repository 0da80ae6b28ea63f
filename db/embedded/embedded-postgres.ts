import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findBinaries } from "./binaries";
import { type Cluster, openCluster, SUPERUSER } from "./cluster";
import type { DataDir } from "./data-dir";
import { pickOwner } from "./owner";
import { readPostmaster, runs } from "./postmaster-file";
import { connect, type Endpoint, ensureServer, isSocket, stopServer } from "./run-server";
import { serverSettings } from "./server-settings";

const DATABASE = "spanwatch";
const SOCKET_PORT = 5432;
/** Of a socket's path: what sockaddr_un holds. */
const SOCKET_PATH_BYTES_MAX = 107;
const LOOK_EVERY_MS = 100;
const RESTART_PAUSE_MS_MAX = 5_000;

export interface EmbeddedPostgres {
  /** Stays the same when the server is restarted. */
  url: string;
  /** True when a server that an earlier run left behind was taken over. */
  adopted: boolean;
  /** Of the postmaster; null while it is down. */
  pid: () => number | null;
  /** Ends open transactions and stops the server, waiting up to `patienceSeconds` (30): what then is not done, finishes alone. */
  stop: (patienceSeconds?: number) => Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Of server settings, for tests that need a server which forgets. */
  overrides?: Record<string, string>;
  /** The server died and is being started again; it could not be, and will be tried again; it is back. */
  onChange?: (change: "down" | "failed" | "up", detail: string) => void;
}

/**
 * Runs PostgreSQL in the data directory and keeps it running until `stop`: makes the database when there is none, takes over a healthy
 * server that an earlier run left behind, clears away what a dead one left, and starts it again, with growing pauses, when it dies.
 * @throws StartError when it cannot run here.
 */
export async function startEmbeddedPostgres(dataDir: DataDir, options: EmbeddedPostgresOptions = {}): Promise<EmbeddedPostgres> {
  const owner = pickOwner(join(dataDir.path, "postgres"));
  const { binDir } = findBinaries(dataDir.path, owner);
  const cluster = await openCluster(dataDir.path, owner, binDir);
  const endpoint = await chooseEndpoint(cluster);
  const settings = { cluster_name: cluster.name, ...serverSettings(options.overrides) };
  const adopted = (await ensureServer(cluster, endpoint, settings)) === "adopted";
  await ensureDatabase(cluster, endpoint);

  let stopping = false;
  const watch = keepRunning(
    cluster,
    () => ensureServer(cluster, endpoint, settings),
    () => stopping,
    options.onChange ?? (() => {}),
  );
  return {
    url: urlOf(cluster, endpoint),
    adopted,
    pid: () => pidOf(cluster),
    stop: async (patienceSeconds = 30) => {
      stopping = true;
      await watch;
      await stopServer(cluster, patienceSeconds);
    },
  };
}

/** A socket in the data directory, which only we can reach; where its path would be too long, and on Windows, a port on loopback. */
async function chooseEndpoint(cluster: Cluster): Promise<Endpoint> {
  const path = join(cluster.dir, `.s.PGSQL.${SOCKET_PORT}`);
  if (process.platform !== "win32" && Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) return { host: cluster.dir, port: SOCKET_PORT };
  const running = readPostmaster(cluster);
  return { host: "127.0.0.1", port: running && runs(cluster, running) ? running.port : await freePort() };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function ensureDatabase(cluster: Cluster, endpoint: Endpoint): Promise<void> {
  const client = await connect(cluster, endpoint, "postgres");
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

async function keepRunning(
  cluster: Cluster,
  start: () => Promise<unknown>,
  stopping: () => boolean,
  onChange: NonNullable<EmbeddedPostgresOptions["onChange"]>,
): Promise<void> {
  for (let failures = 0; !stopping(); ) {
    if (failures === 0) await sleep(LOOK_EVERY_MS);
    if (stopping() || pidOf(cluster) !== null) continue;
    if (failures === 0) onChange("down", "the database server died and is started again");
    try {
      await start();
      failures = 0;
      onChange("up", "the database server is back");
    } catch (error) {
      failures++;
      onChange("failed", (error as Error).message);
      for (let leftMs = Math.min(RESTART_PAUSE_MS_MAX, 100 * 2 ** failures); leftMs > 0 && !stopping(); leftMs -= 100) await sleep(100);
    }
  }
}

function pidOf(cluster: Cluster): number | null {
  const running = readPostmaster(cluster);
  return running && runs(cluster, running) ? running.pid : null;
}

function urlOf(cluster: Cluster, endpoint: Endpoint): string {
  const login = `${SUPERUSER}:${cluster.password}`;
  if (!isSocket(endpoint)) return `postgres://${login}@${endpoint.host}:${endpoint.port}/${DATABASE}`;
  return `postgres://${login}@localhost:${endpoint.port}/${DATABASE}?host=${encodeURIComponent(endpoint.host)}`;
}

import { readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { StartError } from "@/lib/errors";
import { type Cluster, SUPERUSER } from "./cluster";
import { isRunning, readPostmaster, removeStaleFiles, runs } from "./postmaster-file";
import { runProgram } from "./run-program";

/** Recovery after a crash reads up to max_wal_size; a slow disk needs its time. */
const START_SECONDS_MAX = 600;
const STOP_SECONDS_MAX = 30;
const LOG_BYTES_MAX = 8 * 1024 * 1024;

/** Where clients find the server: `host` is a directory when it is a socket. */
export interface Endpoint {
  host: string;
  port: number;
}

export const isSocket = (endpoint: Endpoint) => endpoint.host.startsWith("/");

/**
 * Sees to it that the cluster's server runs with these settings. One that already does is taken over; one that runs with other settings,
 * or does not answer, is stopped and started.
 * @returns whether it was taken over.
 * @throws StartError with what PostgreSQL said when it does not start.
 */
export async function ensureServer(cluster: Cluster, endpoint: Endpoint, settings: Record<string, string>): Promise<"adopted" | "started"> {
  const args = serverArguments(endpoint, settings);
  if (isRunning(cluster)) {
    if (wasStartedWith(cluster, args) && (await answers(cluster, endpoint))) return "adopted";
    await stopServer(cluster, STOP_SECONDS_MAX);
    await stopServer(cluster, STOP_SECONDS_MAX, "immediate");
  }
  await removeStaleFiles(cluster);
  rotateLog(cluster);
  const { failed, said } = await runPgCtl(cluster, [
    "start",
    "-w",
    "-t",
    String(START_SECONDS_MAX),
    "-l",
    "../postgres.log",
    "-o",
    args.join(" "),
  ]);
  if (failed) throw new StartError(`The database did not start: ${lastFatal(cluster) ?? said.split("\n").at(-1)}`);
  return "started";
}

/**
 * Ends open transactions and stops the server, waiting up to `patienceSeconds`. One that still writes its last checkpoint then finishes
 * alone; the next start waits for it.
 */
export async function stopServer(cluster: Cluster, patienceSeconds: number, mode: "fast" | "immediate" = "fast"): Promise<void> {
  if (isRunning(cluster)) await runPgCtl(cluster, ["stop", "-w", "-t", String(patienceSeconds), "-m", mode]);
}

/** Opens one connection to `database`. @throws what pg throws. */
export async function connect(cluster: Cluster, endpoint: Endpoint, database: string): Promise<pg.Client> {
  const client = new pg.Client({
    ...endpoint,
    database,
    user: SUPERUSER,
    password: cluster.password,
    connectionTimeoutMillis: 5_000,
    application_name: "spanwatch start",
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}

function runPgCtl(cluster: Cluster, args: string[]) {
  return runProgram(join(cluster.binDir, "pg_ctl"), ["-D", cluster.pgDataArgument, ...args], { cwd: cluster.pgData, owner: cluster.owner });
}

/** A relative socket directory is one seen from the data directory, in which the server stands. None of this needs quoting in a shell. */
function serverArguments(endpoint: Endpoint, settings: Record<string, string>): string[] {
  const where = isSocket(endpoint)
    ? { listen_addresses: "", unix_socket_directories: "..", unix_socket_permissions: "0700" }
    : { listen_addresses: endpoint.host, unix_socket_directories: "" };
  return Object.entries({ port: String(endpoint.port), ...where, ...settings }).map(([name, value]) => `-c ${name}=${value}`);
}

function wasStartedWith(cluster: Cluster, args: string[]): boolean {
  try {
    // postmaster.opts: "/bin/postgres "-D" "/data" "-c" "port=5432" …", each argument in quotes.
    const options = readFileSync(join(cluster.pgData, "postmaster.opts"), "utf8").trim();
    return options.endsWith(args.map((arg) => arg.replace(/^-c (.*)$/, '"-c" "$1"')).join(" "));
  } catch {
    return false;
  }
}

/** Whether the running server takes connections, or does once it has recovered. */
async function answers(cluster: Cluster, endpoint: Endpoint): Promise<boolean> {
  for (let triesLeft = 20; triesLeft > 0; ) {
    const running = readPostmaster(cluster);
    if (!running || !runs(cluster, running) || running.status === "stopping") return false;
    try {
      await (await connect(cluster, endpoint, "postgres")).end();
      return true;
    } catch {
      if (running.status !== "starting") triesLeft--;
      await sleep(100);
    }
  }
  return false;
}

function rotateLog(cluster: Cluster): void {
  const log = join(cluster.dir, "postgres.log");
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES_MAX) renameSync(log, `${log}.1`);
}

function lastFatal(cluster: Cluster): string | null {
  try {
    const lines = readFileSync(join(cluster.dir, "postgres.log"), "utf8").split("\n");
    return lines.findLast((line) => /\b(FATAL|PANIC):/.test(line))?.replace(/^.*?(FATAL|PANIC):\s*/, "") ?? null;
  } catch {
    return null;
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clusterName } from "@/db/embedded/cluster";
import { listClusterProcesses } from "@/db/embedded/process-table";

const ROOT = join(import.meta.dirname, "../../..");

/** Where a Spanwatch under test runs: free ports, and a data directory that outlives it. */
export interface Place {
  port: number;
  otlpHttpPort: number;
  otlpGrpcPort: number;
  dataDir: string;
}

export interface SpanwatchProcess {
  pid: number;
  /** What it has printed to both streams. */
  output: () => string;
  stderr: () => string;
  /** True when the banner is there, false when it ended without. */
  ready: Promise<boolean>;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  kill: (signal: NodeJS.Signals) => void;
}

export async function makePlace(): Promise<Place> {
  const [port = 0, otlpHttpPort = 0, otlpGrpcPort = 0] = await freePorts(3);
  return { port, otlpHttpPort, otlpGrpcPort, dataDir: mkdtempSync(join(tmpdir(), "spanwatch-start-")) };
}

/** Starts the product as `npm start` does once everything is installed and built, or by `npm start` itself. */
export function startProcess(
  place: Place,
  env: Record<string, string> = {},
  args: string[] = [],
  by: "node" | "npm" = "node",
): SpanwatchProcess {
  const [command, ...first] = by === "npm" ? ["npm", "start", "--"] : [process.execPath, "scripts/run.mjs", "server.ts"];
  const child = spawn(command, [...first, ...args], {
    cwd: ROOT,
    env: { ...withoutSettings(), ...settingsOf(place), ...env } as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let stderr = "";
  child.stdout.on("data", (data: Buffer) => (output += data));
  child.stderr.on("data", (data: Buffer) => {
    output += data;
    stderr += data;
  });
  const ended = endOf(child);
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    stderr: () => stderr,
    ready: waitUntil(
      () => output.includes("Spanwatch is ready"),
      () => hasEnded,
    ),
    ended,
    kill: (signal) => void child.kill(signal),
  };
}

/** Kills what is left of a test's processes, each by its id, and removes its data. */
export async function cleanUp(place: Place, processes: SpanwatchProcess[]): Promise<void> {
  for (const { pid } of processes) for (const id of [pid, ...descendants(pid)]) kill(id);
  await Promise.all(processes.map((one) => one.ended));
  for (const id of databaseProcesses(place)) kill(id);
  rmSync(place.dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** The children of `pid`, theirs, and so on. */
export function descendants(pid: number): number[] {
  const children = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  return children.flatMap((name) => [Number(name), ...descendants(Number(name))]);
}

/** The database server of the place, its children included. */
export function databaseProcesses(place: Place): number[] {
  const pgData = join(place.dataDir, "postgres/data");
  return existsSync(pgData) ? listClusterProcesses(clusterName(pgData)) : [];
}

/** The pid of a part, found by its command line among the children of a running Spanwatch. */
export function partOf(spanwatch: SpanwatchProcess, name: "web" | "ingest" | "scheduler"): number {
  const mark = name === "web" ? "next" : `lib/${name}/main.ts`;
  const pid = descendants(spanwatch.pid).find((id) => readProc(String(id), "cmdline").includes(mark));
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
}

export function kill(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Ended meanwhile.
  }
}

/** Settles with true when `isSo`, with false when `hasEnded` before. */
export async function waitUntil(isSo: () => boolean | Promise<boolean>, hasEnded: () => boolean = () => false): Promise<boolean> {
  while (!(await isSo())) {
    if (hasEnded()) return false;
    await sleep(20);
  }
  return true;
}

/** Ports that are free now; all are held until all are known, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<Server>((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function settingsOf({ port, otlpHttpPort, otlpGrpcPort, dataDir }: Place): Record<string, string> {
  return { PORT: String(port), OTLP_HTTP_PORT: String(otlpHttpPort), OTLP_GRPC_PORT: String(otlpGrpcPort), DATA_DIR: dataDir };
}

/** The environment without what would change the product or, from vitest, confuse it. */
function withoutSettings(): Record<string, string | undefined> {
  const ours =
    /^(DATABASE_URL|DATA_DIR|HOST|PORT|OTLP_.*|PUBLIC_URL|AUTH_SECRET|WEBHOOK_.*|SPANWATCH_.*|LOG_LEVEL|NODE_ENV|NODE_OPTIONS|VITEST.*|npm_.*)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve) => child.once("close", (code, signal) => resolve(code ?? signal ?? 0)));
}

function parentOf(pid: string): number {
  const stat = readProc(pid, "stat");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

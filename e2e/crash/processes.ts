import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import pg from "pg";
import { freePorts } from "../start-spanwatch";

const ROOT = join(import.meta.dirname, "../..");

/** The embedded database in `dir`, held by a process of its own. */
export async function startDatabase(dir: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ["scripts/run.mjs", "db/testing/hold-postgres.ts", dir], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once("data", (data: Buffer) => resolve(String(data)));
    child.once("exit", (code) => reject(new Error(`the database ended with ${code}`)));
  });
  return { child, url: (JSON.parse(line) as { url: string }).url };
}

/** One part of the product as a process of its own; resolves when it says that it is ready. */
export async function startPart(part: "ingest" | "scheduler", env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["scripts/run.mjs", `lib/${part}/main.ts`], {
    cwd: ROOT,
    env: { ...process.env, LOG_LEVEL: "silent", ...env },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`${part} ended with ${code}`)));
  });
  return child;
}

export async function startIngestProcess(databaseUrl: string, httpPort: number): Promise<ChildProcess> {
  const [grpcPort] = await freePorts(1);
  return startPart("ingest", { DATABASE_URL: databaseUrl, OTLP_HTTP_PORT: String(httpPort), OTLP_GRPC_PORT: String(grpcPort) });
}

export async function query(url: string, text: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query(text, values)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

export const ended = (child: ChildProcess) =>
  child.exitCode === null && child.signalCode === null ? new Promise((resolve) => child.once("exit", resolve)) : Promise.resolve();

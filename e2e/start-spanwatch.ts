import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 20_000;

/** Where a running Spanwatch listens. */
export interface Addresses {
  /** Pages and JSON API. */
  web: string;
  /** OTLP over HTTP. */
  http: string;
  /** OTLP over gRPC. */
  grpc: string;
}

export interface RunningSpanwatch extends Addresses {
  dataDir: string;
  /** Everything that the server has printed. */
  logFile: string;
  stop(): Promise<void>;
}

/**
 * Starts the whole product as `npm start` does, on free ports with a data directory of its own, and waits until it accepts spans and
 * answers pages. `env` adds settings. The data directory is removed by `stop`.
 * @throws Error with the end of the server's output, when it ends or is not ready within 90 s.
 */
export async function startSpanwatch(env: Record<string, string> = {}): Promise<RunningSpanwatch> {
  const [web, http, grpc] = await freePorts(3);
  const dataDir = mkdtempSync(join(tmpdir(), "spanwatch-"));
  const logFolder = join(ROOT, ".cache/servers");
  mkdirSync(logFolder, { recursive: true });
  const logFile = join(logFolder, `${web}.log`);
  const child = spawn(process.execPath, ["scripts/run.mjs", "server.ts"], {
    cwd: ROOT,
    env: {
      ...withoutSettings(process.env),
      PORT: String(web),
      OTLP_HTTP_PORT: String(http),
      OTLP_GRPC_PORT: String(grpc),
      DATA_DIR: dataDir,
      NODE_ENV: "production",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const running: RunningSpanwatch = {
    web: `http://127.0.0.1:${web}`,
    http: `http://127.0.0.1:${http}`,
    grpc: `http://127.0.0.1:${grpc}`,
    dataDir,
    logFile,
    stop: async () => {
      await end(child);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  try {
    await ready(running, child);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return running;
}

async function ready({ web, http, logFile }: RunningSpanwatch, child: ChildProcess): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if ((await answers(`${http}/v1/info`)) && (await answers(`${web}/api/health`))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const why = child.exitCode === null ? `was not ready within ${READY_WITHIN_MS / 1000} s` : `ended with exit code ${child.exitCode}`;
  throw new Error(`Spanwatch ${why}. The end of its output:\n${readFileSync(logFile, "utf8").slice(-4000)}`);
}

const answers = (url: string) =>
  fetch(url).then(
    (response) => response.ok,
    () => false,
  );

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const hard = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
  await ended;
  clearTimeout(hard);
}

/** Ports that nobody listens on now. All are held until all are known, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", () => resolve(server));
      });
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** The environment without what would change the product's behaviour or make it report to somebody else. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = /^(DATABASE_URL|HOST|PUBLIC_URL|AUTH_SECRET|WEBHOOK_ALLOW_CIDRS|SPANWATCH_.*|OTEL_.*|LOGFIRE_.*|NODE_OPTIONS)(_FILE)?$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name))) as NodeJS.ProcessEnv;
}

import { type ChildProcess, spawn } from "node:child_process";
import { hostname } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Addresses } from "./start-spanwatch";

export const SDKS = ["otel http/protobuf", "otel http/json", "otel grpc", "logfire"] as const;
/** An SDK under e2e/programs/otel.mjs or logfire.mjs; `import` is the program with workers, nightly-import.mjs. */
export type Sdk = (typeof SDKS)[number] | "import";

/** What a program prints of a span. */
export interface Said {
  event: "open" | "ended";
  traceId: string;
  spanId: string;
  traceparent?: string;
  pid?: number;
}

export interface Program {
  pid: number;
  /** The next line that the program prints. @throws Error with what it wrote on stderr, when it ends without one. */
  said(): Promise<Said>;
  /** Writes a line on its stdin. */
  tell(text: string): void;
  /** SIGKILL; the moment (Unix ms) just before. */
  kill(): number;
  /** Waits for its end. Exit code, or null when a signal ended it. */
  ended: Promise<number | null>;
}

const PROGRAMS = join(import.meta.dirname, "programs");

/** Says the pid in the way that docs/operating.md advises for SDKs that do not: the shell knows it, and `exec` keeps it. */
const WITH_ITS_PID = `export OTEL_RESOURCE_ATTRIBUTES="process.pid=$$,host.name=${hostname()}"; exec "$0" "$@"`;

/** Runs a program with an unmodified SDK against `addresses`. */
export function runProgram(
  sdk: Sdk,
  scenario: string,
  service: string,
  addresses: Addresses,
  { env = {}, saysItsPid = false }: { env?: Record<string, string>; saysItsPid?: boolean } = {},
): Program {
  const protocol = sdk.replace("otel ", "");
  const program = sdk.startsWith("otel") ? "otel.mjs" : sdk === "logfire" ? "logfire.mjs" : "nightly-import.mjs";
  const settings =
    program !== "otel.mjs"
      ? { LOGFIRE_BASE_URL: addresses.http, LOGFIRE_TOKEN: "pylf_v1_local_e2e" }
      : {
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
          OTEL_EXPORTER_OTLP_ENDPOINT: protocol === "grpc" ? addresses.grpc : addresses.http,
          OTEL_METRICS_EXPORTER: "none",
          OTEL_LOGS_EXPORTER: "none",
        };
  const command = [process.execPath, join(PROGRAMS, program), scenario];
  const [file = "", ...args] = saysItsPid ? ["/bin/sh", "-c", WITH_ITS_PID, ...command] : command;
  const child = spawn(file, args, {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_ENV: "production",
      OTEL_SERVICE_NAME: service,
      OTEL_BSP_SCHEDULE_DELAY: "200",
      ...settings,
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  return watch(child);
}

function watch(child: ChildProcess): Program {
  const { stdin, stdout, stderr } = child;
  if (!child.pid || !stdin || !stdout || !stderr) throw new Error("the program could not be started");
  let complaints = "";
  stderr.on("data", (chunk) => {
    complaints += String(chunk);
  });
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid,
    said: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`the program ended without a word: ${complaints.slice(-2000)}`);
      return JSON.parse(value) as Said;
    },
    tell: (text) => void stdin.write(`${text}\n`),
    kill: () => {
      const atMs = Date.now();
      child.kill("SIGKILL");
      return atMs;
    },
    ended: new Promise((resolve) => child.once("exit", (code) => resolve(code))),
  };
}

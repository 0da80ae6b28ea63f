import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import type { Config } from "@/lib/config";
import { accepts, isWebHealthy, poll } from "./readiness";

export type PartName = "web" | "ingest" | "scheduler";

/** One of the three processes, running. */
export interface Part {
  name: PartName;
  /** When it serves. Never settles for one that ends before that. */
  ready: Promise<void>;
  /** When it has ended: its exit code, or 128 + the number of the signal that ended it. */
  ended: Promise<number>;
  hasEnded: () => boolean;
  kill: (signal: "SIGTERM" | "SIGKILL") => void;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Ends the part when we are gone. */
const FOLLOW = ["--import", new URL("follow.mjs", import.meta.url).href];
/** What telemetry is named must not reach a prototype (reliability-security.md §4.1). */
const HARDENED = ["--disable-proto=delete"];
const RUN = `${ROOT}scripts/run.mjs`;
const NEXT = `${ROOT}node_modules/next/dist/bin/next`;
const NEXT_BANNER = /^\s*$|^\s*[▲✓-] ?(Next\.js|Local|Network|Environments|Experiments|Running|Starting|Ready)/;
const TSX = `${ROOT}node_modules/tsx/dist/cli.mjs`;

/**
 * Starts a part as its own process group, so that Ctrl-C in a terminal reaches only us, who stop the parts in order.
 * A part says that it serves by the message `{ type: "ready" }`.
 */
export function startPart(name: PartName, config: Config, env: NodeJS.ProcessEnv, dev: boolean): Part {
  const child = spawn(process.execPath, commandOf(name, config, dev), {
    cwd: ROOT,
    env: { ...env, SPANWATCH_ROLE: name },
    stdio: ["ignore", name === "web" ? "pipe" : "inherit", "inherit", "ipc"],
    detached: true,
  });
  if (name === "web") passOn(child);
  const ended = new Promise<number>((resolve) => {
    child.once("error", () => resolve(1));
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  return {
    name,
    ready: readiness(name, child, config, dev, () => hasEnded),
    ended,
    hasEnded: () => hasEnded,
    kill: (signal) => {
      if (child.pid === undefined || hasEnded) return;
      // The hard stop also reaches what the part has started itself (`next dev`, `tsx watch`).
      if (signal === "SIGKILL" && process.platform !== "win32") process.kill(-child.pid, signal);
      else child.kill(signal);
    },
  };
}

function commandOf(name: PartName, config: Config, dev: boolean): string[] {
  if (name === "web") return [...FOLLOW, NEXT, dev ? "dev" : "start", "-H", config.host, "-p", String(config.port)];
  const entry = `lib/${name}/main.ts`;
  return dev ? [...FOLLOW, TSX, "watch", "--clear-screen=false", entry] : [...HARDENED, ...FOLLOW, RUN, entry];
}

function readiness(name: PartName, child: ChildProcess, config: Config, dev: boolean, hasEnded: () => boolean): Promise<void> {
  if (name === "web") return poll(() => isWebHealthy(config), hasEnded);
  if (!dev) return new Promise((resolve) => child.on("message", (message) => isReady(message) && resolve()));
  // Under `tsx watch` a message does not reach us.
  return name === "ingest" ? poll(() => accepts(config.host, config.otlpHttpPort), hasEnded) : Promise.resolve();
}

const isReady = (message: unknown) => typeof message === "object" && message !== null && "type" in message && message.type === "ready";

/** Passes on what Next.js prints, without its banner: it says "Ready" before ingest is. */
function passOn(child: ChildProcess): void {
  let line = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (line + text).split("\n");
    line = lines.pop() ?? "";
    for (const whole of lines.filter((whole) => !NEXT_BANNER.test(stripVTControlCharacters(whole)))) process.stdout.write(`${whole}\n`);
  });
}

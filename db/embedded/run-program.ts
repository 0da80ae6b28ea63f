import { spawn } from "node:child_process";
import type { Owner } from "./owner";

/** Only what the programs need: a PGPORT or PGOPTIONS of the user's shell must not reach the server. */
const PASSED = ["PATH", "SystemRoot", "TMPDIR", "TEMP"];

/** Runs a PostgreSQL program as its owner in `cwd`, which is entered before the rights are given up. Never throws. */
export function runProgram(
  program: string,
  args: string[],
  options: { cwd: string; owner: Owner | null },
): Promise<{ failed: boolean; said: string }> {
  const env: Record<string, string | undefined> = { LC_ALL: "C" };
  for (const name of PASSED) env[name] = process.env[name];
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      uid: options.owner?.uid,
      gid: options.owner?.gid,
      env: env as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe"],
      // Its own process group: Ctrl-C in the terminal is ours to handle, the server stops last.
      detached: true,
    });
    let said = "";
    child.stdout.on("data", (data: Buffer) => (said += data));
    child.stderr.on("data", (data: Buffer) => (said += data));
    child.on("error", (error) => resolve({ failed: true, said: error.message }));
    child.on("close", (code) => resolve({ failed: code !== 0, said: said.trim() }));
  });
}

import { spawn } from "node:child_process";

/**
 * Runs a command with its output held back, showing that it goes on: a line when it begins and one when it is done, and on a terminal a
 * count of seconds in between.
 * @throws Error with the end of what the command said, when it fails.
 */
export async function step(title, command, args, options = {}) {
  const startedAt = Date.now();
  const seconds = () => ((Date.now() - startedAt) / 1000).toFixed(1);
  const isTerminal = process.stdout.isTTY === true;
  console.log(`… ${title}`);
  const ticker = isTerminal ? setInterval(() => process.stdout.write(`\r\x1b[2K  ${seconds()} s`), 500) : null;
  try {
    await run(command, args, options);
  } catch (error) {
    throw new Error(`✗ ${title}: failed after ${seconds()} s\n\n${error.message}`);
  } finally {
    clearInterval(ticker);
    if (isTerminal) process.stdout.write("\r\x1b[2K");
  }
  console.log(`✓ ${title} (${seconds()} s)`);
}

function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said = (said + data).slice(-20_000)));
    const forward = (signal) => child.kill(signal);
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, forward);
    // A killed npm leaves us behind, with nobody to work for.
    const parent = process.ppid;
    const watch = setInterval(() => process.ppid !== parent && forward("SIGTERM"), 500);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearInterval(watch);
      for (const name of ["SIGINT", "SIGTERM"]) process.off(name, forward);
      if (code === 0) resolve();
      else
        reject(
          new Error(`${said.trim().split("\n").slice(-40).join("\n")}\n(${[command, ...args].join(" ")} ended with ${signal ?? code})`),
        );
    });
  });
}

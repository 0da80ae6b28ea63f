// Runs one step of `npm test`: its commands one after the other, their output into a file, which is shown whole when the step fails.
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve as resolvePath } from "node:path";

const HEARTBEAT_MS = 30_000;
/** More than this of a failing step's output would bury what matters; the whole is in the file. */
const SHOWN_CHARS = 60_000;

/**
 * Runs the step and says how it went. A step without counts of its own is one test: it passes when its commands do.
 * A runner that exits with an error although it counts no failure is one failure more.
 */
export async function runStep(step, { folder = ".cache/test", say = (text) => process.stdout.write(text) } = {}) {
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, `${step.name}.log`);
  // Whole, because each runner takes a relative path from another place.
  const report = resolvePath(folder, `${step.name}.json`);
  rmSync(report, { force: true });
  const startedAt = Date.now();
  say(`▸ ${step.name}\n`);
  const log = createWriteStream(logFile);
  const heartbeat = setInterval(() => {
    say(`    ${step.name}: ${Math.round((Date.now() - startedAt) / 1000)} s, ${lastLine(logFile)}\n`);
  }, HEARTBEAT_MS);
  let complaint = null;
  for (const command of step.commands(report)) {
    complaint = await run(command, { log, report, limitMs: startedAt + step.limitMs - Date.now() });
    if (complaint) break;
  }
  clearInterval(heartbeat);
  await new Promise((resolve) => log.end(resolve));

  const outcome = { name: step.name, seconds: (Date.now() - startedAt) / 1000, ...count(step, report, complaint) };
  if (outcome.failed > 0) say(outputOf(outcome.name, logFile));
  say(`${outcome.failed ? "✗" : "✓"} ${step.name}: ${outcome.passed} passed, ${outcome.failed} failed, ${outcome.seconds.toFixed(1)} s\n`);
  return outcome;
}

function count(step, report, complaint) {
  const none = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };
  if (!step.counts) return complaint ? { ...none, failed: 1, failures: [complaint] } : { ...none, passed: 1 };
  const counts = step.counts(report);
  if (!counts) return { ...none, failed: 1, failures: [complaint ?? "the runner wrote no report"] };
  if (counts.passed + counts.failed + counts.skipped === 0) return { ...none, failed: 1, failures: ["no test was found"] };
  if (complaint && counts.failed === 0) return { ...counts, failed: 1, failures: [complaint] };
  return counts;
}

/** Runs one command in a process group of its own, so that nothing of it outlives its time. Returns a complaint or null. */
function run([file, ...args], { log, report, limitMs }) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      env: { ...process.env, CI: "1", FORCE_COLOR: "0", NO_COLOR: "1", NEXT_TELEMETRY_DISABLED: "1", SPANWATCH_TEST_REPORT: report },
    });
    const end = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch {
        // it has ended
      }
    };
    let late = false;
    const limit = setTimeout(
      () => {
        late = true;
        end("SIGKILL");
      },
      Math.max(1000, limitMs),
    );
    const stop = (signal) => {
      end(signal);
      process.exit(130);
    };
    process.on("SIGINT", stop).on("SIGTERM", stop);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const done = (complaint) => {
      clearTimeout(limit);
      process.off("SIGINT", stop).off("SIGTERM", stop);
      resolve(complaint);
    };
    child.once("error", (error) => done(`${file} could not be started: ${error.message}`));
    child.once("close", (code, signal) => {
      if (late) done(`${[file, ...args].join(" ")} took longer than ${Math.round(limitMs / 60_000)} minutes`);
      else done(code === 0 ? null : `${[file, ...args].join(" ")} ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}

const lastLine = (logFile) => readFileSync(logFile, "utf8").trimEnd().split("\n").at(-1)?.trim().slice(0, 120) ?? "";

function outputOf(name, logFile) {
  const text = readFileSync(logFile, "utf8");
  const cut =
    text.length > SHOWN_CHARS ? `… ${text.length - SHOWN_CHARS} characters more in ${logFile}\n${text.slice(-SHOWN_CHARS)}` : text;
  return `──── output of ${name} ────\n${cut.trimEnd()}\n────\n`;
}

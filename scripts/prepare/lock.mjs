import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const FILE = fileURLToPath(new URL("../../.cache/prepare.lock", import.meta.url));

/** Runs `work` while no other prepare of this checkout does: two `npm ci` at once would delete each other's files. */
export async function withLock(work) {
  mkdirSync(new URL(".", `file://${FILE}`), { recursive: true });
  for (let said = false; !take(); said = true) {
    if (!said) console.log("… waiting for another Spanwatch that is installing or building here");
    await sleep(300);
  }
  process.on("exit", release);
  await work();
  release();
}

const release = () => rmSync(FILE, { force: true });

function take() {
  try {
    writeFileSync(FILE, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST")
      throw new Error(`${FILE} cannot be written (${error.code}): Spanwatch installs and builds in its own directory.`);
    if (isLeftBehind()) release();
    return false;
  }
}

/** A file is there a moment before its pid is in it: one that is empty and young has just been made. */
const WRITTEN_WITHIN_MS = 10_000;

/** Whether the lock is one of a process that is gone. */
function isLeftBehind() {
  try {
    const holder = readFileSync(FILE, "utf8");
    if (holder === "") return Date.now() - statSync(FILE).mtimeMs > WRITTEN_WITHIN_MS;
    return !isAlive(Number(holder));
  } catch {
    return false; // it has been given back meanwhile
  }
}

function isAlive(pid) {
  if (!pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

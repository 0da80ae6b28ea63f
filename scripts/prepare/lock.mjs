import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
    if (!isAlive(Number(readHolder()))) release();
    return false;
  }
}

function readHolder() {
  try {
    return readFileSync(FILE, "utf8");
  } catch {
    return "0";
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

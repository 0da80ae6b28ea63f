import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDataDir } from "./data-dir";

let dir: string;
let lock: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "spanwatch-dir-"));
  lock = join(dir, "spanwatch.lock");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a second Spanwatch on the same directory is told so, until the first has ended", async () => {
  const first = await openDataDir(dir);
  await expect(openDataDir(dir)).rejects.toThrow(
    `DATA_DIR="${dir}" is in use by another Spanwatch (pid ${process.pid}): stop it, or choose another directory.`,
  );
  first.close();
  const second = await openDataDir(dir);
  expect(second.lastHolderDied).toBe(false);
  second.close();
  expect(readdirSync(dir)).toEqual([]);
});

test("one that is ending is waited for, so that a restart in one breath succeeds", async () => {
  const first = await openDataDir(dir);
  first.announceEnd();
  const opening = openDataDir(dir);
  await sleep(200);
  expect(JSON.parse(readFileSync(lock, "utf8"))).toMatchObject({ isEnding: true });
  first.close();
  const second = await opening;
  expect(second.lastHolderDied).toBe(false);
  second.close();
  expect(readdirSync(dir)).toEqual([]);
});

test("a lock of one that was killed holds nobody up, also when its pid is in use again", async () => {
  const other = spawn("sleep", ["60"]);
  const held = await holderOf(dir);
  for (const pid of [other.pid, 4_194_305]) {
    writeFileSync(lock, JSON.stringify({ ...held, pid, start: "1" }));
    const opened = await openDataDir(dir);
    expect(opened.lastHolderDied).toBe(true);
    opened.close();
  }
  other.kill();
});

test("of many that start at once after a crash, one gets the directory", async () => {
  writeFileSync(lock, JSON.stringify({ ...(await holderOf(dir)), start: "1" }));
  const starts = await Promise.allSettled(Array.from({ length: 20 }, () => openDataDir(dir)));
  const winners = starts.filter((start) => start.status === "fulfilled");
  expect(winners).toHaveLength(1);
  expect(readdirSync(dir)).toEqual(["spanwatch.lock"]);
  winners[0]?.value.close();
});

test("a holder in another container, whose pid we cannot look up, is believed while it gives signs of life", async () => {
  writeFileSync(lock, JSON.stringify({ pid: 1, start: "1", where: "another-container" }));
  const beat = setInterval(() => utimesSync(lock, new Date(), new Date()), 200);
  await expect(openDataDir(dir)).rejects.toThrow("in use by another Spanwatch (pid 1)");
  clearInterval(beat);
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(lock, longAgo, longAgo);
  (await openDataDir(dir)).close();
});

test("a lock file cut short by a full disk holds nobody up", async () => {
  writeFileSync(lock, "");
  (await openDataDir(dir)).close();
});

test("what cannot be a directory is one clear line", async () => {
  const file = join(dir, "file");
  writeFileSync(file, "");
  await expect(openDataDir(file)).rejects.toThrow(`DATA_DIR="${file}" cannot be made: it is a file.`);
  await expect(openDataDir(join(file, "below"))).rejects.toThrow("cannot be made: a part of the path is a file.");
  expect(readFileSync(file, "utf8")).toBe("");
});

test.skipIf(process.getuid?.() === 0)("a directory that may not be written to is one clear line", async () => {
  chmodSync(dir, 0o555);
  await expect(openDataDir(dir)).rejects.toThrow(`DATA_DIR="${dir}" cannot be written to: permission denied.`);
  expect(existsSync(lock)).toBe(false);
  chmodSync(dir, 0o755);
});

/** What a lock of ours says. */
async function holderOf(path: string): Promise<object> {
  const opened = await openDataDir(path);
  const holder = JSON.parse(readFileSync(lock, "utf8"));
  opened.close();
  return holder;
}

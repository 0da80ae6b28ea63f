import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { checkServerVersion, migrate } from "@/db/migrate";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";

const ROOT = join(import.meta.dirname, "..");
const ALL = readdirSync(join(import.meta.dirname, "migrations"))
  .filter((name) => name.endsWith(".sql"))
  .sort();

let database: TestDatabase;
let directory: string;
beforeAll(async () => {
  database = await createTestDatabase();
  directory = mkdtempSync(join(tmpdir(), "spanwatch-migrations-"));
});
beforeEach(async () => {
  await database.db.$client.query("drop schema public cascade; create schema public");
  rmSync(directory, { recursive: true });
  cpSync(join(import.meta.dirname, "migrations"), directory, { recursive: true });
});
afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

test("ten Spanwatch started at once on an empty database bring it up to date once", async () => {
  const ran = await Promise.all(Array.from({ length: 10 }, () => migrate(database.url)));
  expect(ran.flat().sort()).toEqual(ALL);
  expect(await applied()).toEqual(ALL);
  expect(await migrate(database.url)).toEqual([]);
});

test("a start killed in the middle of a migration leaves nothing of it, and the next one does it whole", async () => {
  writeFileSync(
    join(directory, "9000_slow.sql"),
    "create table half_done (one int4); select pg_sleep(60); create table other_half (one int4);",
  );
  const child = spawn(process.execPath, ["scripts/run.mjs", "db/testing/migrate-once.ts", database.url, directory], {
    cwd: ROOT,
    stdio: "inherit",
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  while ((await sleepers()) === 0) await sleep(20);
  expect(await applied()).toEqual(ALL);
  child.kill("SIGKILL");
  await ended;
  expect(await tableExists("half_done")).toBe(false);

  writeFileSync(join(directory, "9000_slow.sql"), "create table half_done (one int4); create table other_half (one int4);");
  // The server notices the dead client when it next writes to it; until then its transaction holds the lock.
  await database.db.$client.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'spanwatch migrate'");
  expect(await migrate(database.url, directory)).toEqual(["9000_slow.sql"]);
  expect(await tableExists("other_half")).toBe(true);
});

test("a migration that fails leaves those before it, says why, and is tried again", async () => {
  writeFileSync(join(directory, "9000_wrong.sql"), "create table half_done (one int4); insert into half_done values ('many');");
  await expect(migrate(database.url, directory)).rejects.toThrow("invalid input syntax");
  expect(await applied()).toEqual(ALL);
  expect(await tableExists("half_done")).toBe(false);
  writeFileSync(join(directory, "9000_wrong.sql"), "create table half_done (one int4);");
  expect(await migrate(database.url, directory)).toEqual(["9000_wrong.sql"]);
});

test("a database that a newer Spanwatch has used is not touched", async () => {
  writeFileSync(join(directory, "9000_newer.sql"), "create table newer (one int4);");
  await migrate(database.url, directory);
  await expect(migrate(database.url)).rejects.toThrow(
    `The database was last used by a newer Spanwatch (its schema has 9000_newer.sql, this one ends at ${ALL.at(-1)}): start that version.`,
  );
});

test("PostgreSQL 15 to 18 are taken, others refused by name", () => {
  for (const number of [150_000, 160_004, 180_099]) expect(() => checkServerVersion(number, "")).not.toThrow();
  for (const number of [149_999, 190_000]) {
    expect(() => checkServerVersion(number, "14.9")).toThrow("The database is PostgreSQL 14.9: Spanwatch runs on 15 to 18.");
  }
});

test("a database that cannot be reached is one clear line", async () => {
  await expect(migrate("postgres://nobody@127.0.0.1:1/none")).rejects.toThrow(/^The database cannot be reached: .*ECONNREFUSED.*\.$/);
});

const one = async (text: string, values?: unknown[]) => (await database.db.$client.query(text, values)).rows;
const applied = async () => (await one("select name from schema_migration order by name")).map((row) => row.name);
const tableExists = async (name: string) => (await one("select to_regclass($1) is not null as there", [name]))[0].there;
const sleepers = async () =>
  (await one("select from pg_stat_activity where application_name = 'spanwatch migrate' and wait_event = 'PgSleep'")).length;

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { verifyKey, withIngestKey } from "./api-keys";
import { ensureFirstKeys } from "./first-keys";
import { newToken } from "./key-token";
import { sessionSecret } from "./secret";

let database: TestDatabase;
let dataDir: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.$client.query("delete from api_key");
  dataDir = mkdtempSync(join(tmpdir(), "spanwatch-keys-"));
  return () => rmSync(dataDir, { recursive: true });
});
const ensure = (mode: "local" | "server" = "server") => ensureFirstKeys(database.db, { mode, dataDir });

test("a first start on a network makes one key to send and one to sign in, and tells them once", async () => {
  const keys = await ensure();
  expect(await verifyKey(database.db, keys?.ingestKey ?? "")).toMatchObject({ projectId: 1, scope: "ingest" });
  expect(await verifyKey(database.db, keys?.adminKey ?? "")).toMatchObject({ projectId: 1, scope: "admin" });
  expect(await ensure()).toBeNull();
});

test("the keys can be read again in files that only their owner can open, also when older ones lie there", async () => {
  writeFileSync(join(dataDir, "admin-key"), "of an earlier database", { mode: 0o644 });
  const keys = await ensure();
  for (const [path, key] of [
    [keys?.ingestKeyFile, keys?.ingestKey],
    [keys?.adminKeyFile, keys?.adminKey],
  ]) {
    expect(readFileSync(path ?? "", "utf8")).toBe(`${key}\n`);
    expect(statSync(path ?? "").mode & 0o777).toBe(0o600);
  }
});

test("ten starts at once make one pair", async () => {
  const all = await Promise.all(Array.from({ length: 10 }, () => ensure()));
  expect(all.filter(Boolean)).toHaveLength(1);
  const { rows } = await database.db.$client.query("select scope from api_key order by scope");
  expect(rows).toEqual([{ scope: "admin" }, { scope: "ingest" }]);
});

test("a laptop needs no keys", async () => {
  expect(await ensure("local")).toBeNull();
});

test("keys that cannot be written down are not stored either", async () => {
  const blocked = join(dataDir, "file");
  writeFileSync(blocked, "");
  await expect(ensureFirstKeys(database.db, { mode: "server", dataDir: blocked })).rejects.toThrow(/DATA_DIR/);
  expect((await database.db.$client.query("select from api_key")).rowCount).toBe(0);
});

test("a dump of the database holds no key", async () => {
  const keys = await ensure();
  const { rows } = await database.db.$client.query("select api_key::text as row from api_key");
  const dump = JSON.stringify(rows);
  for (const key of [keys?.ingestKey, keys?.adminKey]) expect(dump).not.toContain(key?.slice(7, 50));
});

test("a revoked key is refused within two seconds, an unknown one at once", async () => {
  const keys = await ensure();
  expect(await verifyKey(database.db, newToken("read"))).toBeNull();
  expect(await verifyKey(database.db, keys?.adminKey ?? "")).not.toBeNull();
  await database.db.$client.query("update api_key set revoked_ms = 1 where scope = 'admin'");
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(await verifyKey(database.db, keys?.adminKey ?? "")).toBeNull();
});

test("the use of a key is noted, for people who wonder which ones they can revoke", async () => {
  const keys = await ensure();
  await verifyKey(database.db, keys?.ingestKey ?? "");
  await expect
    .poll(async () => (await database.db.$client.query("select last_used_ms from api_key where scope = 'ingest'")).rows[0]?.last_used_ms)
    .not.toBeNull();
});

test("a lent key works while it is lent", async () => {
  let lent = "";
  await withIngestKey(database.db, 1, "demo", async (token) => {
    lent = token;
    expect(await verifyKey(database.db, token)).toMatchObject({ scope: "ingest" });
  });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(await verifyKey(database.db, lent)).toBeNull();
});

test("sessions outlive a restart: their secret is made once, also by ten processes, and is for its owner only", () => {
  const secrets = new Set(Array.from({ length: 10 }, () => sessionSecret({ authSecret: null, dataDir })));
  expect(secrets.size).toBe(1);
  expect([...secrets][0]?.length).toBeGreaterThanOrEqual(43);
  expect(statSync(join(dataDir, "auth-secret")).mode & 0o777).toBe(0o600);
  expect(sessionSecret({ authSecret: "given", dataDir })).toBe("given");
});

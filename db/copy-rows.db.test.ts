import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { copyRows, uuidLiteral } from "./copy-rows";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test("every row comes whole, however the network cuts them into chunks", async () => {
  const select =
    "select i::int8, repeat(chr(65 + i % 26), i % 9000), case when i % 2 = 0 then i end, decode(repeat('0a', i % 70), 'hex') from generate_series(0, 2999) as i";
  const rows = await copyRows(database.db, select, (row) => ({
    id: row.id(),
    text: row.text(),
    even: row.int4OrNull(),
    bytes: row.bytes(),
  }));
  expect(rows).toHaveLength(3_000);
  for (const [i, { id, text, even, bytes }] of rows.entries()) {
    expect(id).toBe(String(i));
    expect(text).toBe(String.fromCharCode(65 + (i % 26)).repeat(i % 9000));
    expect(even).toBe(i % 2 === 0 ? i : null);
    expect(bytes.every((byte) => byte === 10) && bytes.length === i % 70).toBe(true);
  }
});

test("numbers, times and ids keep all their bits", async () => {
  const select = `select -1::int8, 9223372036854775807::int8, 1793000000000::int8, -5::int2, -7::int4, null::int8,
    ${uuidLiteral("0123456789abcdef0123456789abcdef")}, 'é→𝄞'::text, null::bytea`;
  const [row] = await copyRows(database.db, select, (row) => [
    row.uint64(),
    row.id(),
    row.number(),
    row.int2(),
    row.int4(),
    row.uint64OrNull(),
    row.uuid(),
    row.text(),
    row.hexOrNull(),
  ]);
  expect(row).toEqual([
    (1n << 64n) - 1n,
    "9223372036854775807",
    1_793_000_000_000,
    -5,
    -7,
    null,
    "0123456789abcdef0123456789abcdef",
    "é→𝄞",
    null,
  ]);
});

test("a row of 50 MB is joined once, not chunk by chunk", async () => {
  const startedMs = performance.now();
  const rows = await copyRows(database.db, "select repeat('x', 50000000), 7 from generate_series(1, 2)", (row) => [
    row.text().length,
    row.int4(),
  ]);
  expect(rows).toEqual([
    [50_000_000, 7],
    [50_000_000, 7],
  ]);
  // Joined chunk by chunk this copies 40 GB.
  expect(performance.now() - startedMs).toBeLessThan(15_000);
});

test("no rows are an empty list", async () => {
  expect(await copyRows(database.db, "select 1 where false", (row) => row.int4())).toEqual([]);
});

test("a query that fails, or fails half-way, or a reader that throws, is an error; the pool goes on", async () => {
  const { db } = database;
  for (let i = 0; i < 8; i++) {
    await expect(copyRows(db, "select nonsense", (row) => row.int4())).rejects.toThrow("nonsense");
    await expect(copyRows(db, "select 1 / (20000 - i) from generate_series(1, 30000) as i", (row) => row.int4())).rejects.toThrow(
      "division by zero",
    );
    const throwing = () => {
      throw new Error("cannot read this");
    };
    await expect(copyRows(db, "select i from generate_series(1, 30000) as i", throwing)).rejects.toThrow("cannot read this");
  }
  expect(await copyRows(db, "select 7", (row) => row.int4())).toEqual([7]);
  expect((await db.$client.query("select 8 as n")).rows).toEqual([{ n: 8 }]);
});

test("what is no id cannot get into a query", () => {
  expect(() => uuidLiteral("0' or true --")).toThrow();
  expect(() => uuidLiteral("0123456789ABCDEF0123456789abcdef")).toThrow();
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { dropPartitions, makePartitions } from "@/db/partitions";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";

const DAY_MS = 86_400_000;
/** Far from the partitions around today that every test database has. */
const LONG_AGO_MS = Date.UTC(2020, 1, 29, 23, 59, 59, 999);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test("a request received at any moment of the next two days is stored, also the first millisecond of a day", async () => {
  await makePartitions(database.db, LONG_AGO_MS);
  const midnightMs = Date.UTC(2020, 2, 1);
  for (const receivedMs of [LONG_AGO_MS - DAY_MS, LONG_AGO_MS, midnightMs, midnightMs + 2 * DAY_MS - 1]) await insertRequest(receivedMs);
  const { rows } = await database.db.$client.query("select tableoid::regclass::text as name from request order by received_ms");
  expect(rows.map((row) => row.name)).toEqual(["request_20200228", "request_20200229", "request_20200301", "request_20200302"]);
});

test("ten processes may make the same partitions at once, while ingest writes", async () => {
  const later = LONG_AGO_MS + 100 * DAY_MS;
  await makePartitions(database.db, later - 3 * DAY_MS);
  const writing = await database.db.$client.connect();
  await writing.query("begin");
  await insertRequest(later - 3 * DAY_MS, writing);
  // The open transaction has the parent locked for writing; making partitions must not wait for it.
  await Promise.all(Array.from({ length: 10 }, () => makePartitions(database.db, later)));
  await writing.query("commit");
  writing.release();
  await insertRequest(later + 2 * DAY_MS);
});

test("a new partition has the indexes that reads rely on", async () => {
  await makePartitions(database.db, LONG_AGO_MS);
  const { rows } = await database.db.$client.query(
    "select indexdef from pg_indexes where tablename in ('span_record_20200229', 'log_record_20200229', 'request_20200229') order by tablename",
  );
  expect(rows.map((row) => row.indexdef.replace(/^.*USING /, ""))).toEqual(["btree (trace_id)", "btree (id)", "btree (trace_id)"]);
  const { rows: invalid } = await database.db.$client.query("select indexrelid::regclass from pg_index where not indisvalid");
  expect(invalid).toEqual([]);
});

test("retention drops only partitions whose last moment is too old, and finishes what a killed run left half done", async () => {
  await makePartitions(database.db, LONG_AGO_MS);
  await database.db.$client.query("alter table span_record detach partition span_record_20200228");
  const dropped = await dropPartitions(database.db, Date.UTC(2020, 2, 2, 12), 2);
  expect(dropped).toEqual(["log_record_20200228", "request_20200228", "span_record_20200228"]);
  const { rows } = await database.db.$client.query(
    "select to_regclass('span_record_20200228') as gone, to_regclass('span_record_20200229') as kept",
  );
  expect(rows[0]).toEqual({ gone: null, kept: "span_record_20200229" });
});

async function insertRequest(
  receivedMs: number,
  client: { query: (text: string, values: unknown[]) => Promise<unknown> } = database.db.$client,
) {
  await client.query("insert into request values ($1, $1, 1, 1, '/v1/traces', 'test', 'identity', 1, 1, 1, 0, 0, 200, 'stored')", [
    receivedMs,
  ]);
}

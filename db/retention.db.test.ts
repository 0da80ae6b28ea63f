import { afterAll, beforeAll, expect, test } from "vitest";
import { dropExpired } from "@/db/retention";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 24, 12);
const OLD_MS = NOW_MS - 31 * DAY_MS;
const YOUNG_MS = NOW_MS - 29 * DAY_MS;
const TRACE = {
  old: "00000000-0000-0000-0000-000000000001",
  stillFed: "00000000-0000-0000-0000-000000000002",
  young: "00000000-0000-0000-0000-000000000003",
};

let database: TestDatabase;
const run = async (text: string, values: unknown[] = []) => (await database.db.$client.query(text, values)).rows;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

test("what is older than the retention goes, with all that hangs on it; what is younger, or still fed, stays", async () => {
  for (const [id, first, last] of [
    [TRACE.old, OLD_MS, OLD_MS],
    [TRACE.stillFed, OLD_MS, YOUNG_MS],
    [TRACE.young, YOUNG_MS, YOUNG_MS],
  ] as const) {
    await run(
      "insert into trace (trace_id, project_id, first_received_ms, last_received_ms, span_count, error_count, services) values ($1, 1, $2, $3, 1, 0, '{}')",
      [id, first, last],
    );
    await run("insert into open_span values ($1, '\\x01', 1, 1, 's', 'n', 'ongoing', 0, 0, 0, 0, null)", [id]);
    await run("insert into trace_watch values ($1, 1, 0, 0)", [id]);
    await insertFinding(id, `of ${id.at(-1)}`, OLD_MS);
  }
  await insertFinding(null, "old, of no trace", OLD_MS);
  await insertFinding(null, "young, of no trace", YOUNG_MS);
  await insertOldAndYoung(
    "process (id, project_id, service, user_agent, resource_id, first_received_ms, last_received_ms)",
    "$1, 1, 's', '', 1, $2, $2",
  );
  await insertOldAndYoung(
    "connection (id, protocol, peer, peer_port, opened_ms, closed_ms, ingest_id)",
    "$1, 'http', '::1', 1, $2, $2, 'i'",
  );
  await insertOldAndYoung("connection_process", "$1, 1, 0, 0, 1");
  await insertOldAndYoung("handshake", "$1, $2, 1, 1, '', '', null");
  await insertOldAndYoung("reject", "$1, $2, 1, 1, '', '', 400, '', '', null");
  await insertOldAndYoung("ingest_minute", "1, $2, 's' || $1, 1, 1, 1, 1");

  await dropExpired(database.db, NOW_MS, 30);

  const kept = ["stillFed", "young"].map((name) => ({ trace_id: TRACE[name as "young"] }));
  for (const table of ["trace", "open_span", "trace_watch"])
    expect(await run(`select trace_id from ${table} order by 1`), table).toEqual(kept);
  expect(await run("select id from finding order by 1")).toEqual([{ id: "of 2" }, { id: "of 3" }, { id: "young, of no trace" }]);
  expect(await run("select id from finding_group order by 1")).toEqual([
    { id: "group of 2" },
    { id: "group of 3" },
    { id: "group young, of no trace" },
  ]);
  for (const table of ["process", "connection", "handshake", "reject"])
    expect(await run(`select id from ${table}`), table).toEqual([{ id: "2" }]);
  expect(await run("select connection_id from connection_process")).toEqual([{ connection_id: "2" }]);
  expect(await run("select service from ingest_minute")).toEqual([{ service: "s2" }]);
});

test("a body is remembered for an hour, so that its retry changes nothing, and then forgotten", async () => {
  await run("insert into request_ledger values ('\\x01', $1), ('\\x02', $2)", [NOW_MS - 3_601_000, NOW_MS - 3_599_000]);
  await dropExpired(database.db, NOW_MS, 30);
  expect(await run("select body_sha from request_ledger")).toEqual([{ body_sha: Buffer.from([2]) }]);
});

test("more than one statement's worth of old rows goes in one call", async () => {
  await run("insert into reject select n, $1, 1, 1, '', '', 400, '', '', null from generate_series(1000, 13000) n", [OLD_MS]);
  const { rows } = await dropExpired(database.db, NOW_MS, 30);
  expect(rows).toBe(12_001);
});

/** Id 1 is too old, id 2 is not. */
async function insertOldAndYoung(into: string, values: string): Promise<void> {
  // Every column's type comes from the table; $2 is not used by all.
  for (const [id, ms] of [
    [1, OLD_MS],
    [2, YOUNG_MS],
  ])
    await run(`insert into ${into} values (${values.replaceAll("$1", String(id)).replaceAll("$2", String(ms))})`);
}

async function insertFinding(traceId: string | null, id: string, atMs: number): Promise<void> {
  await run("insert into finding_group values ($1, 1, 'k', 'f', 's', 'n', null, $2, $2, null)", [`group ${id}`, atMs]);
  await run(
    `insert into finding (id, project_id, kind, family, severity, certainty, state, subject, service, span_name, trace_id, span_ids, title, count, causes,
       evidence, advice, retracted_by, group_id, opened_ms, last_evidence_ms)
     values ($1, 1, 'k', 'f', 'info', 'proved', 'open', '', 's', 'n', $2, '{}', '{}', 1, '[]', '[]', '[]', '{}', $3, $4, $4)`,
    [id, traceId, `group ${id}`, atMs],
  );
}

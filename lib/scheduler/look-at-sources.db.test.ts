import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase } from "@/db/testing/database";
import { insertRows, storeRecords } from "@/db/testing/factories";
import { unixNanoOfMs } from "@/lib/otel/time";
import { ownIdOf, spanRecord, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { eventually } from "./testing/eventually";
import { WatchLoop } from "./watch-loop";

const database = await createTestDatabase();
const { db } = database;
afterAll(() => database.close());

const SETTINGS = { settleMs: 3_000, staleAfterMs: 600_000 };
const MINUTE_MS = 60_000;
let movedMs = 0;
let startedMs = performance.now();
/** The story's clock: it runs as fast as ours, and `later` moves it on. */
const clock = () => TEST_EPOCH_MS + Math.round(performance.now() - startedMs) + movedMs;
let loops: WatchLoop[] = [];
let ids = 0;

beforeEach(async () => {
  movedMs = 5_000;
  startedMs = performance.now();
  await db.$client.query(`truncate span_record, log_record, trace, process, connection, connection_process, arrival, trace_watch, source_watch,
    open_span, finding, finding_group, handshake, reject, lease`);
  await storePool();
});
afterEach(async () => {
  await Promise.all(loops.map((loop) => loop.stop()));
  loops = [];
});

function startLoop(holder = "one"): WatchLoop {
  const loop = new WatchLoop({ db, holder, settings: SETTINGS, clock });
  loops.push(loop);
  loop.start();
  return loop;
}

/** A program that ran `sum` from 100 to 1 400 ms, within which four workers shook hands and nobody reported, went on, and left at 2 600 ms. */
async function storePool(): Promise<void> {
  const traceOf = (name: string) => (name === "sum" ? "a" : "b").repeat(32);
  const root = (name: string, fromMs: number, toMs: number) => {
    const own = { name, traceId: traceOf(name), startTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + fromMs) };
    return [
      spanRecord({ ...own, phase: "start", receivedMs: TEST_EPOCH_MS + fromMs }),
      spanRecord({ ...own, endTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + toMs), receivedMs: TEST_EPOCH_MS + toMs }),
    ];
  };
  await storeRecords(db, { spans: [...root("sum", 100, 1_400), ...root("publish", 1_410, 2_500)] });
  await db.$client.query("update process set user_agent = 'logfire/4.41.0', pid = 10, longest_pause_ms = 1300");
  await db.$client.query("update connection set user_agent = 'logfire/4.41.0', closed_ms = $1, closed_by = 'client'", [
    TEST_EPOCH_MS + 2_600,
  ]);
  await db.$client.query(
    "update trace set root_span_id = record.span_id from span_record as record where record.trace_id = trace.trace_id",
  );
  for (const atMs of [0, 1_000, 1_010, 1_020, 1_030]) await shakeHands(atMs);
  await tell();
}

const shakeHands = (atMs: number) =>
  insertRows(db, "handshake", [
    {
      id: ++ids,
      at_ms: TEST_EPOCH_MS + atMs,
      connection_id: ownIdOf(`handshake ${atMs}`),
      project_id: 1,
      peer: "127.0.0.1",
      user_agent: "logfire/4.41.0",
    },
  ]);
/** As ingest tells of a hand-shake or a refusal. */
const tell = () => insertRows(db, "arrival", [{ id: ++ids, at_ms: clock(), project_id: 1, what: "source" }]);
const later = (ms: number, loop: WatchLoop) => {
  movedMs += ms;
  loop.wake();
};
const silent = async () =>
  (await db.$client.query("select state, count, opened_ms::float8 as opened, trace_id from finding where kind = 'silent-worker'")).rows;
const found = (loop: WatchLoop) => {
  later(4_000, loop);
  return eventually(async () => expect(await silent()).toMatchObject([{ state: "open", count: 4, trace_id: null }]));
};
const watches = async () => (await db.$client.query("select due_ms::float8 as due from source_watch")).rows;

test("workers of which only the hand-shakes are known are found without any trace being looked at, and nothing stays due", async () => {
  await found(startLoop());
  await eventually(async () => expect(await watches()).toEqual([]));
});

test("the same thing seen again, and again after a restart, is the same finding, opened once", async () => {
  await found(startLoop());
  const [{ opened }] = await silent();
  for (let round = 0; round < 4; round++) {
    const loop = startLoop(`holder ${round}`);
    await tell();
    later(2_000, loop);
    await eventually(async () => expect((await db.$client.query("select from arrival")).rowCount).toBe(0));
    await new Promise((resolve) => setTimeout(resolve, round * 9));
    await loop.stop();
  }
  expect(await silent()).toMatchObject([{ state: "open", opened }]);
});

test("workers that report after all withdraw it, with the reason", async () => {
  const loop = startLoop();
  await found(loop);
  const spans = [1, 2, 3].map((worker) => {
    const label = `worker ${worker}`;
    const own = { processId: ownIdOf(label), connectionId: ownIdOf(label), resourceId: ownIdOf(label) };
    return spanRecord({ ...own, name: label, traceId: String(worker).repeat(32), receivedMs: TEST_EPOCH_MS + 3_000 });
  });
  await storeRecords(db, { spans });
  await db.$client.query("update process set user_agent = 'logfire/4.41.0', pid = 20 + right(id::text, 6)::int where pid is null");
  await tell();
  later(2_000, loop);
  await eventually(async () => expect(await silent()).toMatchObject([{ state: "retracted" }]));
});

test("a finding whose evidence has grown older than the look reaches is left as it is", async () => {
  const loop = startLoop();
  await found(loop);
  await tell();
  later(20 * MINUTE_MS, loop);
  await eventually(async () => expect(await watches()).toHaveLength(1));
  later(2_000, loop);
  await eventually(async () => expect(await watches()).toEqual([]));
  expect(await silent()).toMatchObject([{ state: "open", count: 4 }]);
});

test("another scheduler's lease keeps a look from writing", async () => {
  const loop = startLoop("first");
  await eventually(async () => expect((await db.$client.query("select from arrival")).rowCount).toBe(0));
  await db.$client.query("update lease set holder = 'second', fence = fence + 1, until = now() + interval '1 hour'");
  later(4_000, loop);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await silent()).toEqual([]);
});

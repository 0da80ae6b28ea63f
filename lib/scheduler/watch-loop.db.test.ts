import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "@/db/testing/database";
import { insertRows, storeRecords } from "@/db/testing/factories";
import type { Context } from "@/lib/auth/context";
import { drawLogs, drawRecords } from "@/lib/testing/draw-trace";
import { ownIdOf, spanIdOf, TEST_EPOCH_MS, TEST_TRACE_ID } from "@/lib/testing/spans";
import { loadSpan } from "@/lib/traces/load-span";
import { loadTrace } from "@/lib/traces/load-trace";
import { eventually } from "./testing/eventually";
import { WatchLoop } from "./watch-loop";

const database = await createTestDatabase();
const { db } = database;
afterAll(() => database.close());

const SETTINGS = { settleMs: 3_000, staleAfterMs: 600_000 };
/** The drawing's clock: it runs as fast as ours, and `later` moves it on. */
let movedMs = 0;
const clock = () => TEST_EPOCH_MS + Math.round(performance.now() - startedMs) + movedMs;
let startedMs = performance.now();
let loops: WatchLoop[] = [];
let arrivals = 0;

beforeEach(async () => {
  movedMs = 1_000;
  startedMs = performance.now();
  await db.$client.query(`truncate span_record, log_record, trace, process, connection, connection_process, arrival, trace_watch, open_span,
    finding, finding_group, span_baseline, remote_parent_habit, lease`);
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

/** Stores what is drawn and tells the scheduler, as ingest does in one transaction. */
async function arrive(drawing: string, options: { delayMs?: number; starts?: boolean } = {}): Promise<void> {
  const spans = drawRecords(drawing, options);
  await storeRecords(db, { spans, logs: drawLogs(drawing, options) });
  await tell("records", spans.some(({ phase }) => phase !== "end") ? [TEST_TRACE_ID] : []);
}

async function tell(what: "records" | "connection", openTraceIds: string[] = [], processes: string[] = []): Promise<void> {
  const traceIds = what === "records" ? [TEST_TRACE_ID] : [];
  const row = {
    id: ++arrivals,
    at_ms: clock(),
    project_id: 1,
    what,
    trace_ids: traceIds,
    open_trace_ids: openTraceIds,
    process_ids: processes,
  };
  await insertRows(db, "arrival", [row]);
}

async function close(connection: string, process: string): Promise<void> {
  await db.$client.query("update connection set closed_ms = $2, closed_by = 'client' where id = $1", [ownIdOf(connection), clock()]);
  await tell("connection", [], [ownIdOf(process)]);
}

async function later(ms: number, loop: WatchLoop): Promise<void> {
  movedMs += ms;
  loop.wake();
}

/** What is said of traces; what is said of their senders is look-at-sources.db.test.ts's. */
const findings = async () =>
  (
    await db.$client.query(
      `select kind, state, certainty, span_ids, missing_span_id, closed_because->>'id' as because from finding
       where trace_id is not null order by kind, opened_ms, id`,
    )
  ).rows;
/** When a finding was told: again, if it was taken back in between. */
const openedMs = async (kind: string) =>
  (await db.$client.query("select opened_ms from finding where kind = $1", [kind])).rows[0]?.opened_ms;
const trace = async () => (await db.$client.query("select * from trace where trace_id = $1", [TEST_TRACE_ID])).rows[0];
const openSpans = async () =>
  (await db.$client.query("select encode(span_id, 'hex') as id, state, call_site from open_span order by start_ms")).rows;
const watches = async () => (await db.$client.query("select due_ms::float8 as due from trace_watch")).rows;

describe("a program that is killed", () => {
  const DRAWING = `
    job       |.........    @w1
      step      |---|       @w1
  `;

  test("shows its open span at once, calls it abandoned two seconds after its connection closed, and settles", async () => {
    const loop = startLoop();
    await arrive(DRAWING);
    await later(200, loop);
    await eventually(async () => {
      expect(await findings()).toMatchObject([{ kind: "ongoing-span", state: "open", span_ids: [spanIdOf("job")] }]);
      expect(await openSpans()).toMatchObject([{ id: spanIdOf("job"), state: "ongoing" }]);
    });
    await close("w1", "w1");
    await later(10, loop);
    await later(6_000, loop);
    await eventually(async () => {
      expect(await findings()).toMatchObject([
        { kind: "abandoned-span", state: "open", certainty: "likely", span_ids: [spanIdOf("job")] },
        { kind: "ongoing-span", state: "resolved", because: "closed.became" },
      ]);
      expect(await openSpans()).toMatchObject([{ state: "abandoned" }]);
    });
    await later(10_000, loop);
    await eventually(async () => {
      expect(await trace()).toMatchObject({
        span_count: 2,
        open_count: 1,
        finding_count: 1,
        worst_severity: "error",
        kinds: ["abandoned-span"],
      });
      expect((await trace()).settled_ms).not.toBeNull();
      expect(await watches()).toEqual([]);
    });
  });

  test("is forgiven when the end arrives after all: the finding is resolved, with the reason", async () => {
    const loop = startLoop();
    await arrive(DRAWING);
    await later(200, loop);
    await close("w1", "w1");
    await later(6_000, loop);
    await eventually(async () => expect((await findings())[0]).toMatchObject({ kind: "abandoned-span", state: "open" }));
    await arrive("job       |---------|    @w1", { starts: false, delayMs: 8_000 });
    await later(4_000, loop);
    await eventually(async () => {
      expect((await findings())[0]).toMatchObject({ kind: "abandoned-span", state: "resolved", because: "closed.end-arrived" });
      expect(await openSpans()).toEqual([]);
      // That it came eight seconds late is noted, and no fault.
      expect(await trace()).toMatchObject({ open_count: 0, finding_count: 0, worst_severity: "info", kinds: ["late-data"] });
    });
  });
});

test("children of a parent that never came are one finding, which goes away when the parent lands late", async () => {
  const loop = startLoop();
  const children = `
    (batch)
      load#1    |---|     @w1
      load#2      |---|   @w1
  `;
  await arrive(children, { starts: false });
  await later(3_100, loop);
  await eventually(async () => expect(await findings()).toMatchObject([{ kind: "ongoing-span", missing_span_id: spanIdOf("batch") }]));
  await close("w1", "w1");
  await later(8_000, loop);
  await eventually(async () =>
    expect(await findings()).toMatchObject([
      { kind: "ongoing-span", state: "resolved", because: "closed.became" },
      { kind: "orphaned-span", state: "open", missing_span_id: spanIdOf("batch") },
    ]),
  );
  expect(await openSpans()).toMatchObject([{ id: spanIdOf("batch"), state: "missing" }]);
  await arrive("batch   |---------|   @w1", { starts: false, delayMs: 12_000 });
  await later(8_100, loop);
  await eventually(async () =>
    expect(await findings()).toMatchObject([{}, { kind: "orphaned-span", state: "resolved", because: "closed.parent-arrived" }]),
  );
  expect(await openSpans()).toEqual([]);
});

test("where a span belongs is stored with the finding and told beside the parent that was received, never in its place", async () => {
  const loop = startLoop();
  await arrive("consume#1   |---|\n  consume#2           |---|\n    consume#3                   |---|", { starts: false });
  await later(9_000, loop);
  await eventually(async () => expect(await findings()).toMatchObject([{ kind: "context-leak", state: "open" }]));
  const ctx: Context = { db, viewer: { type: "local", projectId: 1 }, nowMs: clock() };
  const { spans, findings: told } = await loadTrace(ctx, TEST_TRACE_ID, "en");
  const [first, second, third] = ["consume#1", "consume#2", "consume#3"].map(spanIdOf);
  const atTheTop = { traceId: TEST_TRACE_ID, parentSpanId: null };
  expect(told[0]?.proposedParents).toEqual([
    { spanId: second, ...atTheTop },
    { spanId: third, ...atTheTop },
  ]);
  const proposed = { ...atTheTop, findingId: told[0]?.id, certainty: "likely" };
  expect(spans.map(({ spanId, parentSpanId, proposedParent }) => [spanId, parentSpanId, proposedParent])).toEqual([
    [first, null, null],
    [second, first, proposed],
    [third, second, proposed],
  ]);
  expect((await loadSpan(ctx, TEST_TRACE_ID, third ?? "")).span).toMatchObject({ parentSpanId: second, proposedParent: proposed });
});

test("what was told of a quiet trace stands while the trace goes on, and is taken back only by what speaks against it", async () => {
  const loop = startLoop();
  const ladder = "consume#1   |---|\n  consume#2           |---|\n    consume#3                   |---|";
  await arrive(ladder, { starts: false });
  await later(9_000, loop);
  const told = { kind: "context-leak", state: "open" };
  await eventually(async () => expect(await findings()).toMatchObject([told]));
  const toldMs = await openedMs("context-leak");
  // The next message begins: the trace is looked at at once, long before it is quiet again.
  await arrive(`${ladder}\n      consume#4                         |....`, { delayMs: 10_000 });
  await later(300, loop);
  await eventually(async () => {
    expect(await findings()).toMatchObject([told, { kind: "ongoing-span", state: "open" }]);
    expect(await trace()).toMatchObject({ finding_count: 1, worst_severity: "warning" });
  });
  expect(await openedMs("context-leak")).toBe(toldMs);
});

test("a parent that is in another trace is told as that, and stays told while the trace goes on", async () => {
  const loop = startLoop();
  const other = "7".repeat(32);
  await storeRecords(db, { spans: drawRecords("page   |-----------|   @web\n  call    |--------|  @web  client", { traceId: other }) });
  await arrive("(call)\n  serve   |----|   @pay  server remote", { starts: false });
  await later(5_000, loop);
  const told = { kind: "parent-in-other-trace", state: "open", missing_span_id: spanIdOf("call") };
  await eventually(async () => expect(await findings()).toMatchObject([told]));
  expect((await db.$client.query("select proposed_parents from finding")).rows[0].proposed_parents).toEqual([
    { spanId: spanIdOf("serve"), traceId: other, parentSpanId: spanIdOf("call") },
  ]);
  const toldMs = await openedMs("parent-in-other-trace");
  await arrive("(call)\n  serve   |----|   @pay  server remote\n    more       |....   @pay", { delayMs: 9_000 });
  await later(4_500, loop);
  await eventually(async () => expect(await findings()).toMatchObject([{ kind: "ongoing-span" }, told]));
  expect(await openedMs("parent-in-other-trace")).toBe(toldMs);
});

test("a scheduler that stops at any point leaves what the next one needs: the same findings, none doubled, none lost", async () => {
  await arrive(`
    job#1    |.........   @w1
      job#2    |.......   @w2  remote
  `);
  for (let round = 0; round < 12; round++) {
    const loop = startLoop(`holder ${round}`);
    await later(150, loop);
    await new Promise((resolve) => setTimeout(resolve, round * 7));
    await loop.stop();
  }
  const loop = startLoop("last");
  await later(200, loop);
  await eventually(async () => {
    expect(await findings()).toMatchObject([
      { kind: "ongoing-span", state: "open" },
      { kind: "ongoing-span", state: "open" },
    ]);
    expect((await db.$client.query("select from arrival")).rowCount).toBe(0);
  });
});

test("a second scheduler stands by, and a holder that was taken for dead writes nothing more", async () => {
  const first = startLoop("first");
  await eventually(async () => expect((await db.$client.query("select holder from lease")).rows).toEqual([{ holder: "first" }]));
  startLoop("second");
  // The first slept too long: the lease is another's by now.
  await db.$client.query("update lease set holder = 'second', fence = fence + 1, until = now() + interval '1 hour'");
  await arrive("job    |.......   @w1");
  await later(200, first);
  await eventually(async () => expect(await findings()).toMatchObject([{ kind: "ongoing-span", state: "open" }]));
  expect((await db.$client.query("select holder from lease")).rows).toEqual([{ holder: "second" }]);
});

test("what is usual is learned once a trace, however often it is looked at", async () => {
  const loop = startLoop();
  await arrive("fetch    |-----|", { starts: false });
  await later(3_100, loop);
  await eventually(async () => expect((await trace()).settled_ms).not.toBeNull());
  await tell("records");
  await later(9_000, loop);
  await eventually(async () => expect(await watches()).toEqual([]));
  await loop.stop();
  const { rows } = await db.$client.query("select service, name, closed_count::int4 as count from span_baseline");
  expect(rows).toEqual([{ service: "shop", name: "fetch", count: 1 }]);
});

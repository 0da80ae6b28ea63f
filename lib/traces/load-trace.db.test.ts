import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { insertRows, storeFinding, storeRecords } from "@/db/testing/factories";
import { TraceResponse } from "@/lib/api/contract/traces";
import type { Context } from "@/lib/auth/context";
import type { SpanRecord } from "@/lib/otel/span";
import { unixNanoOfMs } from "@/lib/otel/time";
import { drawLogs, drawRecords } from "@/lib/testing/draw-trace";
import { ownIdOf, spanIdOf, spanRecord, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { loadSpan } from "./load-span";
import { loadTrace } from "./load-trace";

let database: TestDatabase;
let ctx: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = { db: database.db, viewer: { type: "local", projectId: 1 }, nowMs: TEST_EPOCH_MS + 10_000 };
});
afterAll(() => database.close());

let traces = 0;
const newTraceId = () => `a${(++traces).toString(16).padStart(31, "0")}`;

/** Stores a drawing as a trace of its own and reads it back. */
async function storeAndLoad(drawing: string, options: { starts?: boolean } = {}) {
  const traceId = newTraceId();
  const spans = drawRecords(drawing, { traceId, ...options });
  await storeRecords(database.db, { spans, logs: drawLogs(drawing, { traceId }) });
  return { traceId, answer: await loadTrace(ctx, traceId, "en") };
}

const lines = (answer: TraceResponse) =>
  answer.spans.map((span) => `${"  ".repeat(span.depth)}${span.name || "(missing)"}${span.state === "closed" ? "" : ` ${span.state}`}`);

describe("what a reader of a trace sees", () => {
  test("spans in reading order with depth, state and logs, and the answer keeps the contract", async () => {
    const { answer } = await storeAndLoad(`
      checkout     |-------------------|     @web server
        charge        |.....                 @web
          call          |--*-*-|             @web client error
        (batch)
          report          |-----|            @worker
    `);
    expect(lines(answer)).toEqual(["checkout", "  charge ongoing", "    call", "(missing) missing", "  report"]);
    expect(TraceResponse.parse(answer)).toEqual(answer);
    expect(answer.trace).toMatchObject({
      rootName: "checkout",
      spanCount: 4,
      errorCount: 1,
      openCount: 1,
      missingCount: 1,
      logCount: 2,
      durationMs: 20,
      settled: false,
    });
    const [checkout, charge, call, missing] = answer.spans;
    expect(checkout).toMatchObject({
      childCount: 1,
      kind: "server",
      endTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 20).toString(),
      lastActivityUnixNano: null,
    });
    expect(charge).toMatchObject({ endTimeUnixNano: null, lastActivityUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 12).toString() });
    expect(call).toMatchObject({ logCount: 2, statusCode: "error" });
    expect(missing).toMatchObject({
      spanId: spanIdOf("batch"),
      childCount: 1,
      processId: null,
      startTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 7).toString(),
      endTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 13).toString(),
    });
    expect(answer.processes.map((process) => process.id).sort()).toEqual([ownIdOf("web"), ownIdOf("worker")].sort());
    expect(answer.processes[0]?.because).not.toBe("");
  });

  test("an open span shows what the scheduler last found of it, a closed one that it is closed, whatever was found before", async () => {
    const traceId = newTraceId();
    await storeRecords(database.db, { spans: drawRecords("a |..\n  b  |..\n  c   |--|", { traceId }) });
    const row = {
      trace_id: traceId,
      project_id: 1,
      process_id: ownIdOf("main"),
      service: "shop",
      name: "",
      start_ns: "1",
      start_ms: 1,
      first_received_ms: 1,
      last_activity_ms: 1,
    };
    await insertRows(database.db, "open_span", [
      { ...row, span_id: `\\x${spanIdOf("a")}`, state: "stale" },
      { ...row, span_id: `\\x${spanIdOf("b")}`, state: "abandoned" },
      { ...row, span_id: `\\x${spanIdOf("c")}`, state: "stale" },
    ]);
    const answer = await loadTrace(ctx, traceId, "en");
    expect(answer.spans.map((span) => span.state)).toEqual(["stale", "abandoned", "closed"]);
    expect(answer.processes[0]?.openSpans).toBe(3);
  });

  test("spans that only an exit handler ended are shown as that, muted or not, while the finding stands and they are ended", async () => {
    const traceId = newTraceId();
    const spans = drawRecords("read |--------|\n  decode |------|\n    split   |......\nother |---|", { traceId });
    await storeRecords(database.db, { spans });
    const spanIds = ["read", "decode", "split"].map(spanIdOf);
    const exit = { id: `${traceId}-exit`, trace_id: traceId, kind: "closed-at-exit", span_ids: spanIds, state: "open" };
    await storeFinding(database.db, exit);
    const states = async () => (await loadTrace(ctx, traceId, "en")).spans.map((span) => `${span.name} ${span.state}`);
    const told = ["read closed-at-exit", "decode closed-at-exit", "split ongoing", "other closed"];
    expect(await states()).toEqual(told);
    expect((await loadSpan(ctx, traceId, spanIdOf("decode"))).span.state).toBe("closed-at-exit");
    const become = (state: string) => database.db.$client.query("update finding set state = $2 where id = $1", [exit.id, state]);
    await become("muted");
    expect(await states()).toEqual(told);
    await become("retracted");
    expect(await states()).toEqual(["read closed", "decode closed", "split ongoing", "other closed"]);
  });

  test("a parent that is thought to run still is drawn as open, not as missing", async () => {
    const { traceId } = await storeAndLoad("(batch)\n  one |--|\n  two      |--|", { starts: false });
    await insertRows(database.db, "open_span", [
      {
        trace_id: traceId,
        span_id: `\\x${spanIdOf("batch")}`,
        project_id: 1,
        process_id: ownIdOf("main"),
        service: "shop",
        name: "",
        state: "ongoing",
        start_ns: "1",
        start_ms: 1,
        first_received_ms: 1,
        last_activity_ms: 1,
      },
    ]);
    const answer = await loadTrace(ctx, traceId, "en");
    expect(answer.spans[0]).toMatchObject({
      state: "ongoing",
      endTimeUnixNano: null,
      lastActivityUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 8).toString(),
    });
    expect(answer.trace.missingCount).toBe(0);
  });

  test("findings of the trace come worded in the reader's language, those that are over do not", async () => {
    const { traceId } = await storeAndLoad("job |..");
    await storeFinding(database.db, { id: `${traceId}-open`, trace_id: traceId, span_ids: [spanIdOf("job")], process_id: ownIdOf("main") });
    await storeFinding(database.db, { id: `${traceId}-over`, trace_id: traceId, state: "resolved" });
    const [english, chinese] = [await loadTrace(ctx, traceId, "en"), await loadTrace(ctx, traceId, "zh")];
    expect(english.findings.map((finding) => finding.id)).toEqual([`${traceId}-open`]);
    expect(english.findings[0]).toMatchObject({ cause: "process-died", process: { id: ownIdOf("main") } });
    expect(chinese.findings[0]?.title).not.toBe(english.findings[0]?.title);
  });

  test("a trace is settled when the scheduler has looked after its last record", async () => {
    const { traceId, answer } = await storeAndLoad("job |--|");
    expect(answer.settled).toBe(false);
    const settle = (ms: number) =>
      database.db.$client.query("update trace set settled_ms = last_received_ms + $2 where trace_id = $1", [traceId, ms]);
    await settle(-1);
    expect((await loadTrace(ctx, traceId, "en")).settled).toBe(false);
    await settle(0);
    expect((await loadTrace(ctx, traceId, "en")).settled).toBe(true);
  });

  test("a log record written after a forked copy's end opens the span again", async () => {
    const { answer } = await storeAndLoad(`
      render           |...................*..  @parent
        tile             |------|               @child request=bye
      render           |---------|              @parent no-start request=bye connection=child
    `);
    expect(lines(answer)).toEqual(["render ongoing", "  tile"]);
  });

  test("times of 1970 and 2554 are shown as they were sent", async () => {
    const traceId = newTraceId();
    const latest = (1n << 64n) - 1n;
    await storeRecords(database.db, {
      spans: [
        spanRecord({ traceId, name: "first", startTimeUnixNano: 0n, endTimeUnixNano: 1n }),
        spanRecord({ traceId, name: "last", startTimeUnixNano: latest, endTimeUnixNano: latest }),
      ],
    });
    const answer = await loadTrace(ctx, traceId, "en");
    expect(answer.spans.map((span) => [span.name, span.startTimeUnixNano, span.endTimeUnixNano])).toEqual([
      ["first", "0", "1"],
      ["last", String(latest), String(latest)],
    ]);
  });
});

describe("who may see what", () => {
  test("another project's trace does not exist, nor do its spans show in a trace of the same id", async () => {
    const traceId = newTraceId();
    await storeRecords(database.db, { spans: drawRecords("ours |--|", { traceId }) });
    await storeRecords(database.db, { spans: drawRecords("theirs |--|", { traceId }), projectId: 2 });
    expect(lines(await loadTrace(ctx, traceId, "en"))).toEqual(["ours"]);
    const others = newTraceId();
    await storeRecords(database.db, { spans: drawRecords("theirs |--|", { traceId: others }), projectId: 2 });
    await expect(loadTrace(ctx, others, "en")).rejects.toMatchObject({ code: "not_found" });
    await expect(loadTrace(ctx, "' or true --", "en")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("broken and large traces show every span once", () => {
  const id = (n: number) => n.toString(16).padStart(16, "0");
  const store = async (make: (traceId: string) => SpanRecord[]) => {
    const traceId = newTraceId();
    const spans = make(traceId);
    await storeRecords(database.db, { spans });
    const answer = await loadTrace(ctx, traceId, "en");
    const shown = answer.spans.filter((span) => span.state !== "missing");
    expect(new Set(shown.map((span) => span.spanId)).size).toBe(spans.length);
    expect(shown).toHaveLength(spans.length);
    return answer;
  };
  const record = (traceId: string, n: number, parent: number | null): SpanRecord =>
    spanRecord({
      traceId,
      spanId: id(n),
      parentSpanId: parent === null ? null : id(parent),
      name: `span ${n}`,
      startTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + n),
    });

  test("a cycle, cut above its earliest span", async () => {
    const answer = await store((traceId) => [record(traceId, 1, 3), record(traceId, 2, 1), record(traceId, 3, 2)]);
    expect(answer.spans.map((span) => [span.depth, span.cycleCut])).toEqual([
      [0, true],
      [1, false],
      [2, false],
    ]);
  });

  test("a span that is its own parent", async () => {
    const answer = await store((traceId) => [record(traceId, 1, 1), record(traceId, 2, 1)]);
    expect(answer.spans.map((span) => [span.depth, span.cycleCut])).toEqual([
      [0, true],
      [1, false],
    ]);
  });

  test("a chain 5 000 deep", async () => {
    const answer = await store((traceId) => Array.from({ length: 5_000 }, (_, i) => record(traceId, i + 1, i === 0 ? null : i)));
    expect(answer.spans.at(-1)?.depth).toBe(4_999);
  });

  test("50 000 orphans of one parent, below one missing row", async () => {
    const answer = await store((traceId) => Array.from({ length: 50_000 }, (_, i) => record(traceId, i + 1, 60_000)));
    expect(answer.spans[0]).toMatchObject({ state: "missing", childCount: 50_000 });
  });

  test("the loop is free for others while 100 000 spans are read", async () => {
    const traceId = newTraceId();
    const spans = Array.from({ length: 100_000 }, (_, i) => record(traceId, i + 1, i === 0 ? null : (i >> 2) + 1));
    await storeRecords(database.db, { spans });
    await loadTrace(ctx, traceId, "en");
    let longestMs = 0;
    let before = performance.now();
    const timer = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - before);
      before = performance.now();
    }, 1);
    const answer = await loadTrace(ctx, traceId, "en");
    clearInterval(timer);
    expect(answer.spans).toHaveLength(100_000);
    // The aim is 50 ms; a machine that is busy with other tests gets ten times as long.
    expect(longestMs).toBeLessThan(500);
  });
});

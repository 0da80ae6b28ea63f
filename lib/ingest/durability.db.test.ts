import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { logsRequest, tracesRequest } from "@/lib/otlp/testing/requests";
import { DatabaseProxy } from "./testing/database-proxy";
import { eventually, newSpanId, newTraceId, oneSpan, post, rawSocket, startTestIngest } from "./testing/ingest-under-test";

let database: TestDatabase;
let proxy: DatabaseProxy;
let ingest: Awaited<ReturnType<typeof startTestIngest>>;
beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await DatabaseProxy.open(database.url);
  ingest = await startTestIngest(proxy.url);
});
afterAll(async () => {
  await ingest.close();
  await proxy.stop();
  await database.close();
});
beforeEach(async () => {
  await database.db.$client.query(
    "truncate span_record, log_record, request, request_ledger, trace, process, reject, arrival, ingest_minute",
  );
});

const rowsOf = async (sql: string, values: unknown[] = []) => (await database.db.$client.query(sql, values)).rows;
const count = async (table: string) => Number((await rowsOf(`select count(*) from ${table}`))[0].count);

test("an answered span is in the database the moment it is answered", async () => {
  for (let i = 0; i < 5; i++) {
    const traceId = newTraceId();
    expect((await post(ingest.url, "/v1/traces", oneSpan({ trace_id: traceId }))).status).toBe(200);
    expect(await rowsOf("select span_count, end_records from trace where trace_id = $1", [traceId])).toEqual([
      { span_count: 1, end_records: 1 },
    ]);
    expect(await rowsOf("select 1 from span_record where trace_id = $1", [traceId])).toHaveLength(1);
  }
});

test("a request sent three times is stored once, answered alike each time, and leaves three request rows", async () => {
  const body = tracesRequest([
    { trace_id: newTraceId(), span_id: newSpanId() },
    { trace_id: newTraceId(), span_id: newSpanId() },
  ]);
  const before = [];
  for (let i = 0; i < 3; i++) {
    // Compressed anew each time, as SDKs do: what counts is what is inside.
    const response = await post(ingest.url, "/v1/traces", i === 1 ? gzipSync(body) : body, i === 1 ? { "content-encoding": "gzip" } : {});
    expect(response.status).toBe(200);
    expect(await response.arrayBuffer()).toHaveProperty("byteLength", 0);
    before.push(await rowsOf("select trace_id, span_count, end_records, error_count from trace order by trace_id"));
  }
  expect(before[1]).toEqual(before[0]);
  expect(before[2]).toEqual(before[0]);
  expect(await count("span_record")).toBe(2);
  expect(await rowsOf("select outcome from request order by id")).toEqual([
    { outcome: "stored" },
    { outcome: "duplicate" },
    { outcome: "duplicate" },
  ]);
  expect(await rowsOf("select spans from ingest_minute")).toEqual([{ spans: "2" }]);
});

test("the same body sent twenty times at once, over as many connections, is stored once and answered twenty times", async () => {
  const body = oneSpan();
  const other = oneSpan();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => post(ingest.url, "/v1/traces", i === 7 ? other : body)));
  expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200));
  expect(await count("span_record")).toBe(2);
  expect(await rowsOf("select outcome, count(*)::int from request group by 1 order by 1")).toEqual([
    { outcome: "duplicate", count: 18 },
    { outcome: "stored", count: 2 },
  ]);
});

test("the same bytes as traces and as logs are two requests", async () => {
  const empty = new Uint8Array(0);
  expect((await post(ingest.url, "/v1/traces", empty)).status).toBe(200);
  expect((await post(ingest.url, "/v1/logs", empty)).status).toBe(200);
  expect(await count("request")).toBe(0);
  const logs = logsRequest([{ time_unix_nano: "1700000000000000000", body: { string_value: "hello" } }]);
  expect((await post(ingest.url, "/v1/logs", logs)).status).toBe(200);
  expect(await rowsOf("select message, service, trace_id from log_record")).toEqual([
    { message: "hello", service: "shop", trace_id: "00000000-0000-0000-0000-000000000000" },
  ]);
});

test("two hundred requests at once are group-committed, each stored exactly once", async () => {
  const traceIds = Array.from({ length: 200 }, newTraceId);
  const answers = await Promise.all(
    traceIds.map((trace_id) =>
      post(ingest.url, "/v1/traces", tracesRequest(Array.from({ length: 5 }, () => ({ trace_id, span_id: newSpanId() })))),
    ),
  );
  expect(answers.every((answer) => answer.status === 200)).toBe(true);
  expect(await count("span_record")).toBe(1000);
  expect(await rowsOf("select distinct span_count, end_records from trace")).toEqual([{ span_count: 5, end_records: 5 }]);
  expect(await count("request")).toBe(200);
  const transactions = await rowsOf("select count(distinct xmin::text)::int from request");
  expect(transactions[0].count).toBeLessThan(150);
});

test("a request that the database refuses is refused alone; those committed with it are stored", async () => {
  await database.db.$client.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not this one' using errcode = '22000'; end $$;
    create trigger refuse before insert on trace for each row when (new.root_name = 'poison') execute function refuse()`);
  const names = Array.from({ length: 24 }, (_, i) => (i === 13 ? "poison" : `span ${i}`));
  const answers = await Promise.all(names.map((name) => post(ingest.url, "/v1/traces", oneSpan({ name }))));
  expect(answers.map((answer) => answer.status)).toEqual(names.map((name) => (name === "poison" ? 400 : 200)));
  expect(await rowsOf("select name from span_record where name = 'poison'")).toEqual([]);
  expect(await count("span_record")).toBe(23);
  await eventually(async () => (await rowsOf("select 1 from reject where reason = 'refused-by-database'"))[0]);
  await database.db.$client.query("drop trigger refuse on trace; drop function refuse");
});

test("a day without a partition is our trouble: 503, not a refusal of the data", async () => {
  const parts = await rowsOf("select inhrelid::regclass::text as name from pg_inherits where inhparent = 'span_record'::regclass");
  const bounds = await rowsOf("select pg_get_expr(relpartbound, oid) as bound from pg_class where relname = any($1) order by relname", [
    parts.map((part) => part.name),
  ]);
  parts.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name } of parts) await database.db.$client.query(`alter table span_record detach partition ${name}`);
  const body = oneSpan();
  const refused = await post(ingest.url, "/v1/traces", body);
  expect(refused.status).toBe(503);
  for (const [i, { name }] of parts.entries())
    await database.db.$client.query(`alter table span_record attach partition ${name} ${bounds[i].bound}`);
  expect((await post(ingest.url, "/v1/traces", body)).status).toBe(200);
});

test("without its database it says 503 within 2 s, and takes up again without a restart", async () => {
  const body = oneSpan();
  await proxy.stop();
  const beganMs = Date.now();
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(ingest.url, "/v1/traces", body)));
  expect(Date.now() - beganMs).toBeLessThan(2_000);
  for (const answer of answers) {
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  }
  expect((await fetch(`${ingest.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${ingest.url}/healthz`)).status).toBe(200);
  await proxy.start();
  await eventually(async () => ((await post(ingest.url, "/v1/traces", body)).status === 200 ? true : null));
  expect(await count("span_record")).toBe(1);
});

test("a database that hangs holds nothing up for longer than 2 s but what it has in hand, and loses nothing", async () => {
  proxy.freeze();
  const inHand = Array.from({ length: 4 }, () => oneSpan());
  const taken = inHand.map((body) => post(ingest.url, "/v1/traces", body));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const beganMs = Date.now();
  expect((await post(ingest.url, "/v1/traces", oneSpan())).status).toBe(503);
  expect(Date.now() - beganMs).toBeLessThan(2_500);
  proxy.thaw();
  const statuses = (await Promise.all(taken)).map((answer) => answer.status);
  for (const [i, status] of statuses.entries())
    if (status === 503) expect((await post(ingest.url, "/v1/traces", inHand[i] as Uint8Array)).status).toBe(200);
  expect(await count("span_record")).toBe(4);
});

test("whoever comes when memory is full is told 503 before its body is read", async () => {
  const small = await startTestIngest(proxy.url, {}, { bytesInFlightMax: 100_000 });
  const holder = await rawSocket(small.httpPort);
  holder.socket.write(
    "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\nContent-Length: 90000\r\n\r\n",
  );
  holder.socket.write(Buffer.alloc(80_000));
  const metric = async () => (await (await fetch(`${small.url}/metrics`)).text()).match(/^spanwatch_ingest_bytes_in_flight (\d+)/m)?.[1];
  await eventually(async () => ((await metric()) === "80000" ? true : null));
  const { socket, answer } = await rawSocket(small.httpPort);
  socket.write("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\nContent-Length: 50000\r\n\r\n");
  const text = await answer((text) => text.includes("\r\n\r\n"));
  expect(text).toMatch(/^HTTP\/1.1 503 /);
  expect(text).toMatch(/retry-after: [1-9]/i);
  socket.destroy();
  holder.socket.destroy();
  await eventually(async () => ((await metric()) === "0" ? true : null));
  expect((await post(small.url, "/v1/traces", oneSpan({ name: "n".repeat(60_000) }))).status).toBe(200);
  await small.close();
});

test("gzip that would become 1 GiB is cut off at the limit, and holds nothing afterwards", async () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
  const before = process.memoryUsage().rss;
  const answers = await Promise.all(Array.from({ length: 6 }, () => post(ingest.url, "/v1/traces", bomb, { "content-encoding": "gzip" })));
  for (const answer of answers) expect([413, 503]).toContain(answer.status);
  expect(answers.some((answer) => answer.status === 413)).toBe(true);
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
  const twice = gzipSync(bomb);
  expect((await post(ingest.url, "/v1/traces", twice, { "content-encoding": "gzip" })).status).toBe(400);
});

test("gzip whose last bytes lie about its size is read all the same, or refused at the limit", async () => {
  const inflated = oneSpan();
  const members = Buffer.concat([gzipSync(inflated.subarray(0, 50)), gzipSync(inflated.subarray(50))]);
  expect((await post(ingest.url, "/v1/traces", members, { "content-encoding": "gzip" })).status).toBe(200);
  expect(await count("span_record")).toBe(1);
});

test("deflate with and without its frame, and a body in chunks", async () => {
  const { deflateSync, deflateRawSync } = await import("node:zlib");
  expect((await post(ingest.url, "/v1/traces", deflateSync(oneSpan()), { "content-encoding": "deflate" })).status).toBe(200);
  expect((await post(ingest.url, "/v1/traces", deflateRawSync(oneSpan()), { "content-encoding": "deflate" })).status).toBe(200);
  const { socket, answer } = await rawSocket(ingest.httpPort);
  const body = oneSpan();
  socket.write("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (let at = 0; at < body.length; at += 7) {
    const piece = body.subarray(at, at + 7);
    socket.write(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]));
  }
  socket.write("0\r\n\r\n");
  expect(await answer((text) => text.includes("\r\n\r\n"))).toMatch(/^HTTP\/1.1 200 /);
  socket.destroy();
  expect(await count("span_record")).toBe(3);
});

test("a body as large as the limit is stored whole, in slices", async () => {
  const trace_id = newTraceId();
  const filler = "x".repeat(60_000);
  const spans = Array.from({ length: 500 }, () => ({
    trace_id,
    span_id: newSpanId(),
    attributes: [{ key: "filler", value: { string_value: filler } }],
  }));
  const body = tracesRequest(spans);
  expect(body.length).toBeGreaterThan(29_000_000);
  expect((await post(ingest.url, "/v1/traces", body)).status).toBe(200);
  expect(await rowsOf("select count(*)::int, sum(length(attributes))::int as bytes from span_record")).toMatchObject([{ count: 500 }]);
});

test("JSON so long that it is read on another thread is stored like any other, and holds nobody up", async () => {
  const traceId = newTraceId();
  const filler = "f".repeat(500);
  const spans = Array.from({ length: 6_000 }, (_, i) => ({
    traceId,
    spanId: i === 0 ? "0".repeat(16) : newSpanId(),
    name: `span ${i}`,
    startTimeUnixNano: "1700000000000000000",
    endTimeUnixNano: "1700000000000000001",
    attributes: [{ key: "filler", value: { stringValue: filler } }],
  }));
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  let longest = 0;
  let last = performance.now();
  const ticker = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  const response = await post(ingest.url, "/v1/traces", body, { "content-type": "application/json" });
  clearInterval(ticker);
  expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: "1" } });
  expect(await count("span_record")).toBe(5_999);
  const cut = await post(ingest.url, "/v1/traces", body.slice(0, -10), { "content-type": "application/json" });
  expect(cut.status).toBe(400);
  expect(longest).toBeLessThan(1_000);
});

test("metrics are a sign of life: their sender is known, its own counters are kept, the rest is let go with a word", async () => {
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const point = (name: string, value: number) => ({
    name,
    sum: { dataPoints: [{ asInt: value, timeUnixNano: "1700000000000000000", attributes: [] }] },
  });
  const metrics = (started: number) =>
    JSON.stringify({
      resourceMetrics: [
        {
          resource: { attributes: [attribute("service.name", "metered"), attribute("service.instance.id", "m-1")] },
          scopeMetrics: [{ metrics: [point("otel.sdk.span.started", started), point("http.requests", 7)] }],
        },
      ],
    });
  for (const started of [3, 9]) {
    const response = await post(ingest.url, "/v1/metrics", metrics(started), { "content-type": "application/json" });
    expect(response.status).toBe(200);
    const answer = (await response.json()) as { partialSuccess: { rejectedDataPoints?: string; errorMessage: string } };
    expect(answer.partialSuccess.rejectedDataPoints).toBeUndefined();
    expect(answer.partialSuccess.errorMessage).toContain("keeps no metrics");
  }
  expect(await rowsOf("select service from process")).toEqual([{ service: "metered" }]);
  expect(await rowsOf("select name, value from process_metric")).toEqual([{ name: "otel.sdk.span.started", value: 9 }]);
});

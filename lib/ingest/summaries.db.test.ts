import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { attributesOf, logsRequest, tracesRequest } from "@/lib/otlp/testing/requests";
import { newSpanId, newTraceId, post, startTestIngest } from "./testing/ingest-under-test";

let database: TestDatabase;
let ingest: Awaited<ReturnType<typeof startTestIngest>>;
beforeAll(async () => {
  database = await createTestDatabase();
  ingest = await startTestIngest(database.url);
});
afterAll(async () => {
  await ingest.close();
  await database.close();
});
beforeEach(async () => {
  await database.db.$client.query("truncate span_record, log_record, trace, arrival, ingest_minute");
});

const rowsOf = async (sql: string, values: unknown[] = []) => (await database.db.$client.query(sql, values)).rows;
const summaryOf = async (traceId: string) =>
  (await rowsOf("select span_count, open_count, error_count, log_count, root_name, services from trace where trace_id = $1", [traceId]))[0];

/** Logfire's pending span, which says that `span_id` has begun (wire.md §2.1). */
const begun = (trace_id: string, span_id: string, parent = "0".repeat(16)) => ({
  trace_id,
  span_id: newSpanId(),
  parent_span_id: span_id,
  attributes: attributesOf({ "logfire.span_type": "pending_span", "logfire.pending_parent_id": parent }),
});

async function send(...spans: Record<string, unknown>[]): Promise<void> {
  expect((await post(ingest.url, "/v1/traces", tracesRequest(spans))).status).toBe(200);
}

test("a span that has begun is open until its end comes, also when other spans begin and end between", async () => {
  const trace_id = newTraceId();
  const [root, child] = [newSpanId(), newSpanId()];
  await send({ ...begun(trace_id, root), name: "root" });
  expect(await summaryOf(trace_id)).toMatchObject({ span_count: 1, open_count: 1, root_name: "root" });
  await send(begun(trace_id, child, root), { trace_id, span_id: child, parent_span_id: root, name: "child" });
  expect(await summaryOf(trace_id)).toMatchObject({ span_count: 2, open_count: 1 });
  await send({ trace_id, span_id: root, name: "root", status: { code: 2 } });
  expect(await summaryOf(trace_id)).toMatchObject({ span_count: 2, open_count: 0, error_count: 1, services: ["shop"] });
});

test("spans of an SDK that only reports ends are counted as they come, and close nobody else's", async () => {
  const trace_id = newTraceId();
  const root = newSpanId();
  await send({ ...begun(trace_id, root), name: "root" });
  const ends = Array.from({ length: 5 }, () => ({ trace_id, span_id: newSpanId(), parent_span_id: root }));
  expect((await post(ingest.url, "/v1/traces", tracesRequest(ends, { "service.name": "other" }))).status).toBe(200);
  expect(await summaryOf(trace_id)).toMatchObject({ span_count: 6, open_count: 1, services: ["other", "shop"] });
});

test("the version of Logfire is read from its scope where the resource does not tell it, also when it comes later", async () => {
  const resource = { "service.name": "old logfire" };
  const versionOf = async () =>
    (await rowsOf("select logfire_version from process where service = $1", ["old logfire"]))[0].logfire_version;
  const spans = () => [{ trace_id: newTraceId(), span_id: newSpanId() }];
  await post(ingest.url, "/v1/traces", tracesRequest(spans(), resource, { name: "other", version: "1.0" }));
  expect(await versionOf()).toBeNull();
  await post(ingest.url, "/v1/traces", tracesRequest(spans(), resource, { name: "logfire", version: "3.25.0" }));
  expect(await versionOf()).toBe("3.25.0");
});

test("the scheduler is told of every trace, and of those that are open apart", async () => {
  const [open, closed] = [newTraceId(), newTraceId()];
  await send(begun(open, newSpanId()), { trace_id: closed, span_id: newSpanId() });
  const [arrival] = await rowsOf("select trace_ids::text[], open_trace_ids::text[], cardinality(process_ids) as processes from arrival");
  const ids = (list: string[]) => list.map((id) => id.replaceAll("-", "")).sort();
  expect({ all: ids(arrival.trace_ids), open: ids(arrival.open_trace_ids), processes: arrival.processes }).toEqual({
    all: [open, closed].sort(),
    open: [open],
    processes: 1,
  });
});

test("log records count for their trace, and every minute for its service", async () => {
  const trace_id = newTraceId();
  await send(
    { trace_id, span_id: newSpanId() },
    { trace_id, span_id: newSpanId(), status: { code: 2 } },
    { trace_id, span_id: "0".repeat(16) },
  );
  const logs = logsRequest([{ trace_id, time_unix_nano: "5" }, { time_unix_nano: "6" }]);
  expect((await post(ingest.url, "/v1/logs", logs)).status).toBe(200);
  expect(await summaryOf(trace_id)).toMatchObject({ span_count: 2, log_count: 1, error_count: 1 });
  const minutes = await rowsOf(
    "select service, sum(spans)::int as spans, sum(logs)::int as logs, sum(errors)::int as errors, sum(rejected)::int as rejected from ingest_minute group by 1",
  );
  expect(minutes).toEqual([{ service: "shop", spans: 2, logs: 2, errors: 1, rejected: 1 }]);
});

test("writers that touch the same traces in different orders neither fail nor lose a count", async () => {
  const traceIds = Array.from({ length: 60 }, newTraceId);
  const answers = await Promise.all(
    Array.from({ length: 80 }, (_, i) => {
      const order = i % 2 === 0 ? traceIds : traceIds.toReversed();
      return post(ingest.url, "/v1/traces", tracesRequest(order.map((trace_id) => ({ trace_id, span_id: newSpanId() }))));
    }),
  );
  expect(answers.map((answer) => answer.status)).toEqual(Array(80).fill(200));
  expect(await rowsOf("select span_count, count(*)::int from trace group by 1")).toEqual([{ span_count: 80, count: 60 }]);
});

test("what came of a process is counted, once for each body, to be held against what its SDK counted", async () => {
  const resource = { "service.name": "counted", "service.instance.id": newTraceId() };
  const trace_id = newTraceId();
  const line = { trace_id, span_id: newSpanId(), attributes: attributesOf({ "logfire.span_type": "log", "logfire.msg": "read" }) };
  const spans = [{ trace_id, span_id: newSpanId(), dropped_attributes_count: 3 }, { trace_id, span_id: newSpanId() }, line];
  const body = tracesRequest([...spans, begun(trace_id, newSpanId())], resource);
  await post(ingest.url, "/v1/traces", body);
  await post(ingest.url, "/v1/traces", body);
  await post(ingest.url, "/v1/logs", logsRequest([{ trace_id, time_unix_nano: "5" }], resource));
  const counts =
    "select ended_spans::int as ended, logs::int as logs, trimmed_spans::int as trimmed from process where service = 'counted'";
  expect(await rowsOf(counts)).toEqual([{ ended: 3, logs: 1, trimmed: 1 }]);
});

test("counters that report differences are summed up, and a report that comes twice counts once", async () => {
  const point = (value: number, at: number) => ({ asInt: value, timeUnixNano: String(at), attributes: [] });
  const send = (value: number, at: number) => {
    const sum = { aggregationTemporality: "AGGREGATION_TEMPORALITY_DELTA", dataPoints: [point(value, at)] };
    const attributes = [
      { key: "service.name", value: { stringValue: "differing" } },
      { key: "service.instance.id", value: { stringValue: "d-1" } },
    ];
    const resourceMetrics = [{ resource: { attributes }, scopeMetrics: [{ metrics: [{ name: "otel.sdk.span.started", sum }] }] }];
    return post(ingest.url, "/v1/metrics", JSON.stringify({ resourceMetrics }), { "content-type": "application/json" });
  };
  await send(3, 1_000);
  await send(4, 2_000);
  await send(4, 2_000);
  const values = "select value from process_metric join process on process.id = process_id where service = 'differing'";
  expect(await rowsOf(values)).toEqual([{ value: 7 }]);
});

import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { LogsQuery, TracesQuery } from "@/lib/api/contract/traces";
import { readConfig } from "@/lib/config";
import { type Ingest, startIngest } from "@/lib/ingest/start-ingest";
import type { TraceId } from "@/lib/otel/ids";
import { listLogs } from "@/lib/traces/list-logs";
import { loadSpan } from "@/lib/traces/load-span";
import { loadStats } from "@/lib/traces/load-stats";
import { loadTrace } from "@/lib/traces/load-trace";
import { searchTraces } from "@/lib/traces/search-traces";

const TRACE = "5b8efff798038103d269b633813fc60c" as TraceId;
const NOW_MS = Date.now();

let database: TestDatabase;
let ingest: Ingest;
const start = () => startIngest({ config: { ...readConfig(process.env), otlpHttpPort: 0, otlpGrpcPort: 0 }, databaseUrl: database.url });
beforeAll(async () => {
  database = await createTestDatabase();
  ingest = await start();
});
afterAll(async () => {
  await ingest.close();
  await database.close();
});

test("a request that an SDK sends again, three times, at once, compressed, after a restart, changes nothing that a reader sees", async () => {
  await Promise.all([post("traces", TRACES), post("logs", LOGS)]);
  const before = await read();
  expect(before.trace.spans.map((span) => [span.name, span.state])).toEqual([
    ["checkout", "closed"],
    ["charge", "closed"],
    ["send receipt", "ongoing"],
  ]);
  expect(before.logs.items).toHaveLength(1);

  for (let i = 0; i < 3; i++) await post("traces", TRACES);
  await Promise.all([post("traces", TRACES), post("traces", TRACES, true), post("logs", LOGS), post("logs", LOGS, true)]);
  await ingest.close();
  ingest = await start();
  await post("traces", TRACES);
  await post("logs", LOGS);

  expect(await read()).toEqual(before);
});

/** What the pages and the API show, at one moment. When it was last heard of the process may move: that is true. */
async function read() {
  const ctx = { db: database.db, viewer: { type: "local", projectId: 1 } as const, nowMs: NOW_MS + 60_000 };
  const { processes: _, ...trace } = await loadTrace(ctx, TRACE, "en");
  const { ingest: series } = await loadStats(ctx, {});
  return {
    trace,
    series,
    list: await searchTraces(ctx, TracesQuery.parse({})),
    logs: await listLogs(ctx, TRACE, LogsQuery.parse({})),
    spans: await Promise.all(trace.spans.map((span) => loadSpan(ctx, TRACE, span.spanId as Parameters<typeof loadSpan>[2]))),
  };
}

async function post(signal: "traces" | "logs", body: object, compressed = false): Promise<void> {
  const json = Buffer.from(JSON.stringify(body));
  const response = await fetch(`http://127.0.0.1:${ingest.httpPort}/v1/${signal}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(compressed ? { "content-encoding": "gzip" } : {}) },
    body: new Uint8Array(compressed ? gzipSync(json) : json),
  });
  expect([response.status, await response.json()]).toEqual([200, {}]);
}

const at = (ms: number) => `${NOW_MS + ms}000000`;
const RESOURCE = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
const TRACES = {
  resourceSpans: [
    {
      resource: RESOURCE,
      scopeSpans: [
        {
          scope: { name: "test" },
          spans: [
            { traceId: TRACE, spanId: "eee19b7ec3c1b174", name: "checkout", kind: 2, startTimeUnixNano: at(0), endTimeUnixNano: at(90) },
            {
              traceId: TRACE,
              spanId: "eee19b7ec3c1b173",
              parentSpanId: "eee19b7ec3c1b174",
              name: "charge",
              kind: 3,
              startTimeUnixNano: at(10),
              endTimeUnixNano: at(60),
              status: { code: 2, message: "card declined" },
              events: [
                { timeUnixNano: at(50), name: "exception", attributes: [{ key: "exception.type", value: { stringValue: "CardError" } }] },
              ],
            },
            // Started, not ended (design §5).
            {
              traceId: TRACE,
              spanId: "eee19b7ec3c1b172",
              parentSpanId: "eee19b7ec3c1b174",
              name: "send receipt",
              startTimeUnixNano: at(70),
              endTimeUnixNano: "0",
            },
          ],
        },
      ],
    },
  ],
};
const LOGS = {
  resourceLogs: [
    {
      resource: RESOURCE,
      scopeLogs: [
        {
          logRecords: [
            {
              traceId: TRACE,
              spanId: "eee19b7ec3c1b173",
              timeUnixNano: at(50),
              severityNumber: 17,
              body: { stringValue: "card declined" },
            },
          ],
        },
      ],
    },
  ],
};

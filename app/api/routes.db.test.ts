import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Db, openDatabase } from "@/db/client";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { insertRows, storeFinding, storeRecords } from "@/db/testing/factories";
import { answerFrom, ask } from "@/lib/http/ask";
import type { Route } from "@/lib/http/route";
import { logger } from "@/lib/logger";
import { drawLogs, drawRecords } from "@/lib/testing/draw-trace";
import { ownIdOf, spanIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { GET as metricsOf } from "../metrics/route";
import { GET as healthOf } from "./health/route";
import { ROUTES } from "./openapi.json/routes";

logger.level = "silent";

const OURS = ["a1", "a2", "a3", "a4", "a5"].map((start) => start.padEnd(32, "0"));
const [TRACE] = OURS as [string];
const THEIRS = "b".padEnd(32, "0");
const NOWHERE = "c".padEnd(32, "0");
const OPEN_SPAN = {
  project_id: 1,
  process_id: ownIdOf("web"),
  service: "web",
  name: "charge",
  start_ns: "1",
  start_ms: 1,
  first_received_ms: 1,
  last_activity_ms: 1,
};

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const { db } = database;
  for (const [at, traceId] of OURS.entries()) {
    const drawing = `
      checkout     |-------------------|     @web server
        charge        |.....                 @web
          call          |--*-*-|             @web client error
        (batch)
          report          |-----|            @worker
    `;
    const options = { traceId, epochMs: TEST_EPOCH_MS + at * 1_000 };
    await storeRecords(db, {
      spans: drawRecords(drawing, options),
      logs: drawLogs(drawing, options),
      attributesOf: () => [{ key: "user.id", value: { type: "string", value: `u${at}` } }],
    });
    await insertRows(db, "open_span", [
      { ...OPEN_SPAN, trace_id: traceId, span_id: `\\x${spanIdOf("charge")}`, state: "stale", start_ms: at + 1 },
    ]);
    await storeFinding(db, {
      id: `f${at}`,
      trace_id: traceId,
      span_ids: [spanIdOf("charge")],
      opened_ms: 1_000 + at,
      process_id: ownIdOf("web"),
    });
  }
  await storeFinding(db, {
    id: "over",
    trace_id: TRACE,
    state: "resolved",
    closed_ms: 2_000,
    closed_because: { id: "process.silence", args: {} },
  });
  await storeRecords(db, { spans: drawRecords("secret |--|  @theirs", { traceId: THEIRS }), projectId: 2 });
  await storeFinding(db, { id: "theirs", trace_id: THEIRS, project_id: 2, service: "theirs", group_id: "their group" });
  answerFrom(database);
});
afterAll(() => database.close());

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a test looks into is checked against the contract by the route itself
  json: any;
  headers: Headers;
}

/** Asks the route that is declared for `path`, e.g. `/api/traces/[traceId]`; parts in brackets are filled from `params`. */
async function get(path: string, params: Record<string, string> = {}, search = "", headers: Record<string, string> = {}): Promise<Answer> {
  const response = await ask(ROUTES[path]?.GET, path + search, { params, headers });
  return { status: response.status, json: JSON.parse(await response.text()), headers: response.headers };
}
const post = async (path: string, params: Record<string, string>) => {
  const response = await ask(ROUTES[path]?.POST, path, { method: "POST", params });
  return { status: response.status, json: await response.json() };
};

/** Every item of a list, a page at a time. */
async function getAll(path: string, params: Record<string, string>, limit: number, search = "") {
  const items: Record<string, unknown>[] = [];
  let cursor: string | null = null;
  do {
    const { json, status } = await get(
      path,
      params,
      `?limit=${limit}${search}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    expect(status).toBe(200);
    expect(json.items.length).toBeLessThanOrEqual(limit);
    items.push(...json.items);
    cursor = json.nextCursor;
  } while (cursor !== null);
  return items;
}

const LISTS: { path: string; params: Record<string, string>; count: number }[] = [
  { path: "/api/traces", params: {}, count: 5 },
  { path: "/api/traces/[traceId]/logs", params: { traceId: TRACE }, count: 2 },
  { path: "/api/findings", params: {}, count: 5 },
  { path: "/api/findings/groups", params: {}, count: 1 },
  { path: "/api/open-spans", params: {}, count: 5 },
  { path: "/api/processes", params: {}, count: 2 },
];

describe("every list", () => {
  test.each(LISTS)("$path gives each item once, whatever the size of its pages", async ({ path, params, count }) => {
    const whole = await getAll(path, params, 500);
    expect(whole).toHaveLength(count);
    const stable = (items: Record<string, unknown>[]) =>
      items.map(({ id, traceId, spanId, timeUnixNano }) => [id, traceId, spanId, timeUnixNano]);
    for (const limit of [1, 2, 3]) expect(stable(await getAll(path, params, limit))).toEqual(stable(whole));
  });

  test.each(LISTS)("$path says which cursor, limit or parameter is wrong", async ({ path, params }) => {
    const alien = Buffer.from('["x",{}]').toString("base64url");
    for (const [search, wrong] of [
      ["?cursor=nonsense", "cursor"],
      [`?cursor=${alien}`, "cursor"],
      ["?limit=0", "limit"],
      ["?limit=501", "limit"],
      ["?limit=ten", "limit"],
      ["?sevice=web", "sevice"],
      ["?limit=1&limit=2", "limit"],
      ["?__proto__=1", "__proto__"],
    ] as const) {
      const { status, json, headers } = await get(path, params, search);
      expect(status, search).toBe(400);
      expect(headers.get("content-type")).toBe("application/problem+json");
      expect(json).toMatchObject({ status: 400, requestId: expect.any(String), errors: [{ path: wrong }] });
    }
  });

  test.each(LISTS)("$path shows nothing of another project", async ({ path, params }) => {
    expect(JSON.stringify(await getAll(path, params, 500, path === "/api/findings" ? "&state=all" : ""))).not.toMatch(
      /theirs|secret|b0000/,
    );
  });
});

describe("a trace", () => {
  test("comes whole: spans in reading order, findings, processes", async () => {
    const { status, json, headers } = await get("/api/traces/[traceId]", { traceId: TRACE });
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("private, no-store");
    expect(headers.get("content-type")).toBe("application/json");
    expect(json.spans.map((span: { name: string; state: string; depth: number }) => [span.depth, span.name, span.state])).toEqual([
      [0, "checkout", "closed"],
      [1, "charge", "stale"],
      [2, "call", "closed"],
      [0, "", "missing"],
      [1, "report", "closed"],
    ]);
    expect(json.findings.map(({ id }: { id: string }) => id)).toEqual(["f0"]);
    expect(json.processes).toHaveLength(2);
  });

  test("opens by an id as it was pasted", async () => {
    const uuid = TRACE.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5").toUpperCase();
    expect((await get("/api/traces/[traceId]", { traceId: uuid })).json.trace.traceId).toBe(TRACE);
    expect((await get("/api/findings", {}, `?traceId=${uuid}`)).json.items).toHaveLength(1);
  });

  const parts: [string, Record<string, string>][] = [
    ["/api/traces/[traceId]", {}],
    ["/api/traces/[traceId]/spans/[spanId]", { spanId: spanIdOf("secret") }],
    ["/api/traces/[traceId]/logs", {}],
    ["/api/traces/[traceId]/columns", {}],
    ["/api/traces/[traceId]/export", {}],
  ];
  test.each(parts)("%s of another project is as missing as one that never was", async (path, params) => {
    const [theirs, none, zero] = await Promise.all([THEIRS, NOWHERE, "0".repeat(32)].map((traceId) => get(path, { ...params, traceId })));
    expect(theirs?.status).toBe(404);
    const without = (answer?: Answer) => ({ ...answer?.json, requestId: "" });
    expect(without(theirs)).toEqual(without(none));
    expect(without(zero)).toEqual(without(none));
  });

  test.each(parts)("%s with an id that cannot be one is a wrong request", async (path, params) => {
    for (const traceId of ["x", `${TRACE}0`, TRACE.slice(1), "\0", "' or true --"]) {
      expect((await get(path, { ...params, traceId })).status, traceId).toBe(400);
    }
  });

  test("is found by its parts, and a filter that matches nothing finds nothing", async () => {
    const ids = async (search: string) =>
      (await get("/api/traces", {}, search)).json.items.map(({ traceId }: { traceId: string }) => traceId);
    expect(await ids("")).toEqual([...OURS].reverse());
    expect(await ids("?service=shop&name=checkout&status=error&minDuration=1&maxDuration=1000")).toHaveLength(5);
    expect(await ids("?attr=user.id%3Du3")).toEqual([OURS[3]]);
    expect(await ids(`?q=${TRACE}`)).toEqual([TRACE]);
    expect(await ids("?service=nobody")).toEqual([]);
    expect(await ids("?from=2027-01-01T00:00:00Z")).toEqual([]);
  });

  test("leaves as OTLP JSON, in a file named after it", async () => {
    const { json, headers } = await get("/api/traces/[traceId]/export", { traceId: TRACE });
    expect(headers.get("content-disposition")).toBe(`attachment; filename="trace-${TRACE}.json"`);
    const spans = json.resourceSpans.flatMap((one: { scopeSpans: { spans: { traceId: string; name: string }[] }[] }) =>
      one.scopeSpans.flatMap((scope) => scope.spans),
    );
    expect(new Set(spans.map(({ name }: { name: string }) => name))).toEqual(new Set(["checkout", "charge", "call", "report"]));
    expect(spans.every(({ traceId }: { traceId: string }) => traceId === TRACE)).toBe(true);
  });
});

describe("a span", () => {
  test("comes with what it carries and every report received of it", async () => {
    const { json } = await get("/api/traces/[traceId]/spans/[spanId]", { traceId: TRACE, spanId: spanIdOf("call").toUpperCase() });
    expect(json.span).toMatchObject({ name: "call", statusCode: "error" });
    expect(json.attributes).toEqual([{ key: "user.id", type: "string", value: "u0" }]);
    expect(json.records.map(({ phase, decides }: { phase: string; decides: boolean }) => [phase, decides])).toEqual([
      ["start", false],
      ["end", true],
    ]);
  });

  test("that is not in the trace is missing, one of its namesakes as well", async () => {
    const span = (spanId: string, search = "") => get("/api/traces/[traceId]/spans/[spanId]", { traceId: TRACE, spanId }, search);
    expect((await span(spanIdOf("nobody"))).status).toBe(404);
    expect((await span(spanIdOf("call"), "?variant=1")).status).toBe(404);
    expect((await span(spanIdOf("call"), "?variant=x")).status).toBe(400);
  });

  test("has its own log records", async () => {
    const logs = async (spanId: string) => (await get("/api/traces/[traceId]/logs", { traceId: TRACE }, `?spanId=${spanId}`)).json.items;
    expect(await logs(spanIdOf("call"))).toHaveLength(2);
    expect(await logs(spanIdOf("report"))).toEqual([]);
  });
});

describe("a finding", () => {
  test("is worded in the reader's language: address before cookie before browser", async () => {
    const title = async (search: string, headers: Record<string, string>) =>
      (await get("/api/findings", {}, search, headers)).json.items[0].causes[0].name;
    const [english, chinese] = [await title("", {}), await title("?lang=zh", {})];
    expect(chinese).toMatch(/\p{Script=Han}/u);
    expect(english).not.toMatch(/\p{Script=Han}/u);
    expect(await title("", { "accept-language": "fr, zh-CN;q=0.9, en;q=0.8" })).toBe(chinese);
    expect(await title("", { cookie: "locale=zh", "accept-language": "en" })).toBe(chinese);
    expect(await title("?lang=en", { cookie: "locale=zh" })).toBe(english);
  });

  test("is listed while it is open, and with state=all for ever", async () => {
    expect((await get("/api/findings", {}, `?traceId=${TRACE}`)).json.items.map(({ id }: { id: string }) => id)).toEqual(["f0"]);
    expect((await get("/api/findings", {}, `?traceId=${TRACE}&state=all`)).json.items.map(({ id }: { id: string }) => id).sort()).toEqual([
      "f0",
      "over",
    ]);
    expect((await get("/api/findings", {}, "?kind=no-such-kind")).status).toBe(400);
  });

  test("opens by its id; another project's does not exist", async () => {
    expect((await get("/api/findings/[findingId]", { findingId: "f0" })).json).toMatchObject({ id: "f0", traceId: TRACE, closedAt: null });
    expect((await get("/api/findings/[findingId]", { findingId: "theirs" })).status).toBe(404);
    expect((await get("/api/findings/[findingId]", { findingId: "none" })).status).toBe(404);
    for (const verb of ["mute", "unmute", "expected"])
      expect((await post(`/api/findings/[findingId]/${verb}`, { findingId: "theirs" })).status).toBe(404);
  });

  test("can be muted, and unmuted", async () => {
    const muted = await post("/api/findings/[findingId]/mute", { findingId: "f4" });
    expect(muted).toMatchObject({ status: 200, json: { id: "f4", state: "muted" } });
    expect((await get("/api/findings", {}, "?state=muted")).json.items).toHaveLength(1);
    expect((await post("/api/findings/[findingId]/unmute", { findingId: "f4" })).json.state).toBe("open");
  });
});

describe("what is said of findings", () => {
  const send = async (method: "POST" | "PUT" | "DELETE", path: string, params: Record<string, string>, body?: unknown) => {
    const response = await ask(ROUTES[path]?.[method], path, { method, params, body });
    return { status: response.status, json: await response.json() };
  };
  const RULES = "/api/expected-spans";
  const RULE = "/api/expected-spans/[expectedSpanId]";

  test("is kept for all of the group, and shown with each", async () => {
    const say = (verdict: unknown) => send("POST", "/api/findings/[findingId]/feedback", { findingId: "f1" }, { verdict });
    expect(await say("known")).toMatchObject({ status: 200, json: { state: "muted", feedback: { verdict: "known", cameBack: false } } });
    expect((await get("/api/findings/[findingId]", { findingId: "f2" })).json).toMatchObject({ state: "muted" });
    expect((await get("/api/findings", {}, "?state=muted&certainty=likely")).json.items).toHaveLength(5);
    expect((await get("/api/findings/groups", {}, "?state=muted&certainty=proved")).json.items).toEqual([]);
    expect(await say(null)).toMatchObject({ status: 200, json: { state: "open", feedback: null } });
    for (const wrong of ["muted", undefined, 1]) expect((await say(wrong)).status).toBe(400);
  });

  test("is a rule that is made, read, replaced and removed, or says what is wrong with it", async () => {
    const rule = { service: null, spanName: "listen", attribute: null, spanKind: null };
    const made = await send("POST", RULES, {}, { spanName: "listen" });
    expect(made).toMatchObject({ status: 200, json: { ...rule, openNow: 0 } });
    const params = { expectedSpanId: made.json.id };
    expect((await get(RULE, params)).json).toEqual(made.json);
    const changed = { ...rule, attribute: { key: "a", value: "" } };
    expect((await send("PUT", RULE, params, changed)).json).toMatchObject(changed);
    for (const wrong of [
      {},
      { ...rule, spanName: "" },
      { span: "x" },
      { attribute: { key: "a\0", value: "" } },
      { spanKind: "web" },
      null,
    ]) {
      expect((await send("POST", RULES, {}, wrong)).status, JSON.stringify(wrong)).toBe(400);
    }
    expect(await send("DELETE", RULE, params)).toMatchObject({ status: 200, json: {} });
    expect((await get(RULE, params)).status).toBe(404);
    expect((await send("DELETE", RULE, params)).status).toBe(404);
    expect((await get(RULES)).json.items).toEqual([]);
  });
});

test("open spans tell their finding and age; minAge leaves the young out", async () => {
  const { json } = await get("/api/open-spans", {}, "?limit=1");
  expect(json.items[0]).toMatchObject({ traceId: TRACE, name: "charge", state: "stale", findingId: "f0" });
  expect((await get("/api/open-spans", {}, "?minAge=1e15")).json.items).toEqual([]);
});

test("series have a point for every bucket; a range that ends before it begins is wrong", async () => {
  const { json } = await get("/api/stats", {}, "?from=2026-01-01T00:00:00Z&to=2026-01-01T02:00:00Z");
  expect(json.ingest).toHaveLength(120);
  expect((await get("/api/stats", {}, "?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z")).status).toBe(400);
});

test("the first-run page learns where to send to, and that something came", async () => {
  expect((await get("/api/setup")).json).toEqual({
    mode: "local",
    httpEndpoint: "http://localhost:4318",
    grpcEndpoint: "http://localhost:4317",
    hasTraces: true,
    firstTraceId: TRACE,
  });
});

test("Prometheus reads what is open and what came in", async () => {
  const scrape = async () => (await ask(metricsOf, "/metrics")).text();
  const minute = (ms: number) => Math.floor(ms / 60_000) * 60_000;
  const ingest = (minuteMs: number, spans: number) =>
    database.db.$client.query(
      `insert into ingest_minute (project_id, minute_ms, service, spans, logs, errors, rejected) values (1, $1, 'web', $2, 0, 0, 3)
       on conflict (project_id, minute_ms, service) do update set spans = excluded.spans`,
      [minuteMs, spans],
    );
  const text = await scrape();
  expect(text).toContain('spanwatch_open_findings{kind="abandoned-span",severity="error",certainty="likely"} 5');
  expect(text).toContain('spanwatch_open_spans{state="stale"} 5');
  expect(text).toContain("spanwatch_database_up 1");
  expect(text).toContain("spanwatch_ingested_spans_total 0");
  expect(text).not.toContain("theirs");
  await ingest(minute(Date.now()), 40);
  expect(await scrape()).toContain("spanwatch_ingested_spans_total 40");
  await ingest(minute(Date.now()), 70);
  expect(await scrape()).toContain("spanwatch_ingested_spans_total 70");
});

describe("when the database is away", () => {
  const url = "postgres://nobody@127.0.0.1:1/nothing";
  let away: Db;
  beforeAll(() => {
    away = openDatabase(url, { max: 1, statementTimeoutMs: 0, applicationName: "away" });
    answerFrom({ url, db: away });
    return async () => {
      answerFrom(database);
      await away.$client.end();
    };
  });

  test.each(Object.keys(ROUTES).filter((path) => ROUTES[path]?.GET?.declaration.access === "read" && !/live|metrics/.test(path)))(
    "%s says so, and when to come again",
    async (path) => {
      const { status, headers, json } = await get(path, {
        traceId: TRACE,
        spanId: spanIdOf("call"),
        findingId: "f0",
        expectedSpanId: "none",
      });
      expect(status).toBe(503);
      expect(headers.get("retry-after")).toBe("2");
      expect(JSON.stringify(json)).not.toMatch(/127\.0\.0\.1|ECONNREFUSED/);
    },
  );

  test("health is 503, and metrics still come", async () => {
    const health = await ask(healthOf, "/api/health");
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ status: "degraded", checks: { database: { status: "degraded" } } });
    const metrics = await ask(metricsOf, "/metrics");
    expect(metrics.status).toBe(200);
    expect(await metrics.text()).toContain("spanwatch_database_up 0");
  });
});

describe("health", () => {
  const checks = async () =>
    (await (await ask(healthOf, "/api/health")).json()) as { status: string; checks: Record<string, { status: string }> };

  test("is degraded, and 200, while nobody diagnoses", async () => {
    const response = await ask(healthOf, "/api/health");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: "degraded",
      checks: { database: { status: "ok" }, scheduler: { status: "degraded" }, partitions: { status: "ok" } },
    });
  });

  test("sees a scheduler at work, one that is behind, and a partition that is missing", async () => {
    const { db } = database;
    await db.$client.query("insert into lease (name, holder, fence, until) values ('scheduler', 'me', 1, now() + interval '1 minute')");
    expect((await checks()).checks.scheduler?.status).toBe("ok");
    await db.$client.query("insert into arrival (id, at_ms, project_id, what) values (1, $1, 1, 'records')", [Date.now() - 60_000]);
    expect((await checks()).checks.scheduler?.status).toBe("degraded");
    await db.$client.query("delete from arrival");
    await db.$client.query("update lease set until = now() - interval '1 second'");
    expect((await checks()).checks.scheduler?.status).toBe("degraded");
    const day = new Date(Date.now() + 43_200_000).toISOString().slice(0, 10).replaceAll("-", "");
    await db.$client.query(`alter table span_record detach partition span_record_${day}`);
    expect((await checks()).checks.partitions?.status).toBe("degraded");
    await db.$client.query(`drop table span_record_${day}`);
  });
});

describe("whatever is asked", () => {
  const readRoutes = Object.entries(ROUTES).filter(([path, module]) => module.GET && !/live|metrics|health/.test(path)) as [
    string,
    { GET: Route },
  ][];
  const word = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "",
      "0",
      "-1",
      "1e999",
      "NaN",
      "9".repeat(30),
      "null",
      "%",
      "_",
      "\\",
      "'",
      '"',
      "\u0000",
      "\ud800",
      "🙂",
      "=",
      "a=b",
      "=b",
      "__proto__=1",
    ),
    fc.constantFrom("2026-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+23:59", "2026-02-30T00:00:00Z"),
    fc.constantFrom(TRACE, THEIRS, "0".repeat(32), spanIdOf("call"), "web", "checkout", "open", "all", "stale", "ongoing", "error", "zh"),
    fc
      .array(fc.oneof(fc.integer(), fc.string(), fc.constant(null)))
      .map((place) => Buffer.from(JSON.stringify(place)).toString("base64url")),
  );

  test.each(readRoutes)("%s never fails by its own fault", async (path, { GET }) => {
    const known = Object.keys(GET.declaration.query?.shape ?? {});
    const parameter = fc.tuple(fc.constantFrom(...known, "lang", "x"), word);
    await fc.assert(
      fc.asyncProperty(fc.array(parameter, { maxLength: 4 }), fc.oneof(fc.constant(TRACE), word), word, async (parameters, id, other) => {
        const search = new URLSearchParams(parameters);
        const params = { traceId: id, spanId: other, findingId: id };
        const response = await ask(GET, `${path}?${search}`, { params });
        expect(response.status, `${search} ${JSON.stringify(params)}: ${await response.clone().text()}`).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
  });
});

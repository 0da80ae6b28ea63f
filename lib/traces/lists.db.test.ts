import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { insertRows, storeFinding, storeRecords } from "@/db/testing/factories";
import { FindingGroupsQuery, FindingGroupsResponse, FindingsQuery, FindingsResponse } from "@/lib/api/contract/findings";
import { StatsResponse } from "@/lib/api/contract/status";
import { LogsQuery, LogsResponse, OpenSpansQuery, OpenSpansResponse, ProcessesQuery, ProcessesResponse } from "@/lib/api/contract/traces";
import type { Context } from "@/lib/auth/context";
import { logRecord, spanIdOf, spanRecord, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { findFinding } from "./find-finding";
import { listFindingGroups } from "./list-finding-groups";
import { listFindings } from "./list-findings";
import { listLogs } from "./list-logs";
import { listOpenSpans } from "./list-open-spans";
import { listProcesses } from "./list-processes";
import { loadStats } from "./load-stats";
import { muteFinding, unmuteFinding } from "./mute";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const NOW_MS = TEST_EPOCH_MS + 13 * DAY_MS + 1_000;
let database: TestDatabase;
let ctx: Context;
let other: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = { db: database.db, viewer: { type: "local", projectId: 1 }, nowMs: NOW_MS };
  other = { ...ctx, viewer: { type: "key", projectId: 2, scope: "read" } };
});
afterAll(() => database.close());

const traceIdOf = (n: number) => `e${n.toString(16).padStart(31, "0")}`;

describe("findings", () => {
  beforeAll(async () => {
    const { db } = database;
    await storeFinding(db, {
      id: "f1",
      opened_ms: TEST_EPOCH_MS + 1,
      trace_id: traceIdOf(1),
      span_ids: [spanIdOf("job")],
      process_id: "71",
    });
    await storeFinding(db, { id: "f2", opened_ms: TEST_EPOCH_MS + 1 });
    await storeFinding(db, { id: "f3", opened_ms: TEST_EPOCH_MS + DAY_MS, severity: "warning", certainty: "possible", kind: "stale-span" });
    await storeFinding(db, {
      id: "f4",
      opened_ms: NOW_MS - 1,
      state: "resolved",
      closed_ms: NOW_MS,
      closed_because: { id: "process.silence", args: {} },
    });
    await storeFinding(db, {
      id: "f5",
      opened_ms: TEST_EPOCH_MS + 2,
      kind: "orphaned-span",
      family: "orphan",
      group_id: "orphans",
      service: "web",
    });
    await storeFinding(db, { id: "f6", opened_ms: TEST_EPOCH_MS + 2, state: "retracted", group_id: "over" });
    await storeFinding(db, { id: "f7", opened_ms: TEST_EPOCH_MS + 2, project_id: 2, group_id: "theirs" });
    await storeRecords(db, { spans: [spanRecord({ processId: "71", connectionId: "91", receivedMs: TEST_EPOCH_MS })] });
  });

  const list = async (query: Partial<FindingsQuery> = {}) =>
    (await listFindings(ctx, FindingsQuery.parse(query), "en")).items.map(({ id }) => id);

  test("the open ones are listed, the youngest first, page by page, in the shape of the contract", async () => {
    const first = await listFindings(ctx, FindingsQuery.parse({ limit: 3 }), "en");
    expect(FindingsResponse.parse(first)).toEqual(first);
    const second = await listFindings(ctx, FindingsQuery.parse({ limit: 3, cursor: first.nextCursor }), "en");
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(["f3", "f5", "f2", "f1"]);
    expect(second.nextCursor).toBeNull();
  });

  test.each<[Partial<FindingsQuery>, string[]]>([
    [{ state: "all" }, ["f4", "f3", "f6", "f5", "f2", "f1"]],
    [{ state: "resolved" }, ["f4"]],
    [{ state: "retracted" }, ["f6"]],
    [{ kind: "stale-span" }, ["f3"]],
    [{ family: "orphan" }, ["f5"]],
    [{ service: "web" }, ["f5"]],
    [{ traceId: traceIdOf(1) }, ["f1"]],
    [{ groupId: "orphans" }, ["f5"]],
    [{ certainty: "possible" }, ["f3"]],
    [{ severity: "warning" }, ["f3"]],
  ])("%j finds %j", async (query, expected) => {
    expect(await list(query)).toEqual(expected);
  });

  test("a finding says which process it is about and what is known of that now", async () => {
    expect((await findFinding(ctx, "f1", "en")).process).toMatchObject({ id: "71", connectionId: "91" });
    expect(await findFinding(ctx, "f4", "en")).toMatchObject({ state: "resolved", closedAt: new Date(NOW_MS).toISOString() });
    await expect(findFinding(other, "f1", "en")).rejects.toMatchObject({ code: "not_found" });
  });

  test("a muted finding is out of the list until it is unmuted; one that is over cannot be opened so", async () => {
    expect((await muteFinding(ctx, "f2", "en")).state).toBe("muted");
    expect(await list()).not.toContain("f2");
    expect(await list({ state: "muted" })).toEqual(["f2"]);
    expect((await unmuteFinding(ctx, "f2", "en")).state).toBe("open");
    expect((await unmuteFinding(ctx, "f4", "en")).state).toBe("resolved");
    expect((await muteFinding(ctx, "f4", "en")).state).toBe("resolved");
    await expect(muteFinding(other, "f2", "en")).rejects.toMatchObject({ code: "not_found" });
    expect(await list()).toContain("f2");
  });

  test("groups show how many are open and how many came each day", async () => {
    const open = await listFindingGroups(ctx, FindingGroupsQuery.parse({}), "en");
    expect(FindingGroupsResponse.parse(open)).toEqual(open);
    expect(open.items.map(({ id }) => id).sort()).toEqual(["group", "orphans"]);
    const group = open.items.find(({ id }) => id === "group");
    expect(group).toMatchObject({ openCount: 3, totalCount: 4, severity: "warning", latest: { id: "f3" }, muted: false });
    expect(group?.trend).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    const all = await listFindingGroups(ctx, FindingGroupsQuery.parse({ state: "all" }), "en");
    expect(all.items.map(({ id }) => id).sort()).toEqual(["group", "orphans", "over"]);
    expect((await listFindingGroups(ctx, FindingGroupsQuery.parse({ family: "orphan" }), "en")).items.map(({ id }) => id)).toEqual([
      "orphans",
    ]);
    expect((await listFindingGroups(ctx, FindingGroupsQuery.parse({ certainty: "possible" }), "en")).items.map(({ id }) => id)).toEqual([
      "group",
    ]);
    const paged = await listFindingGroups(ctx, FindingGroupsQuery.parse({ limit: 1 }), "en");
    const rest = await listFindingGroups(ctx, FindingGroupsQuery.parse({ limit: 1, cursor: paged.nextCursor }), "en");
    expect([...paged.items, ...rest.items].map(({ id }) => id).sort()).toEqual(["group", "orphans"]);
  });
});

describe("open spans", () => {
  test("the oldest come first, with what is usual, their process and their finding", async () => {
    const row = {
      project_id: 1,
      process_id: "71",
      service: "shop",
      state: "ongoing",
      start_ns: "1",
      first_received_ms: 1,
      last_activity_ms: TEST_EPOCH_MS,
      call_site: "a.py:1",
    };
    const open = (n: number, changes: object) => ({
      ...row,
      trace_id: traceIdOf(n),
      span_id: `\\x${spanIdOf("job")}`,
      name: `job ${n}`,
      start_ms: NOW_MS - n * MINUTE_MS,
      ...changes,
    });
    await insertRows(database.db, "open_span", [
      open(1, {}),
      open(2, { service: "web" }),
      open(3, { state: "stale" }),
      open(4, { project_id: 2 }),
    ]);
    await insertRows(database.db, "span_baseline", [
      { project_id: 1, service: "shop", name: "job 1", closed_count: 100, buckets: { 40: 99, 60: 1 }, updated_ms: 1 },
    ]);
    const list = async (query: Partial<OpenSpansQuery>) => listOpenSpans(ctx, OpenSpansQuery.parse(query));
    const all = await list({});
    expect(OpenSpansResponse.parse(all)).toEqual(all);
    expect(all.items.map(({ name }) => name)).toEqual(["job 3", "job 2", "job 1"]);
    expect(all.items[2]).toMatchObject({
      usualMs: 1024,
      usualCount: 100,
      findingId: "f1",
      ageMs: MINUTE_MS,
      pid: null,
      callSite: "a.py:1",
    });
    expect(all.items[0]).toMatchObject({ usualMs: null, findingId: null });
    const first = await list({ limit: 2 });
    const second = await list({ limit: 2, cursor: first.nextCursor ?? undefined });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(["job 3", "job 2", "job 1"]);
    expect((await list({ service: "web" })).items).toHaveLength(1);
    expect((await list({ state: "stale" })).items).toHaveLength(1);
    expect((await list({ minAge: 2 * MINUTE_MS })).items).toHaveLength(2);
  });
});

describe("log records", () => {
  test("come by time, page by page, each once, also where many were written at one moment", async () => {
    const traceId = traceIdOf(9);
    const logs = Array.from({ length: 7 }, (_, i) =>
      logRecord({ traceId, message: `line ${i}`, spanId: spanIdOf(i === 0 ? "a" : "b"), requestId: String(i) }),
    );
    await storeRecords(database.db, {
      spans: [spanRecord({ traceId, name: "a" })],
      logs,
      attributesOf: (record) => ("message" in record ? [{ key: "n", value: { type: "int", value: record.requestId } }] : []),
    });
    const messages: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listLogs(ctx, traceId, LogsQuery.parse({ limit: 3, cursor }));
      expect(LogsResponse.parse(page)).toEqual(page);
      messages.push(...page.items.map(({ message }) => message));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(messages).toEqual(logs.map(({ message }) => message));
    const ofSpan = await listLogs(ctx, traceId, LogsQuery.parse({ spanId: spanIdOf("a") }));
    expect(ofSpan.items).toMatchObject([{ message: "line 0", attributes: [{ key: "n", type: "int", value: "0" }] }]);
    await expect(listLogs(other, traceId, LogsQuery.parse({}))).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("processes", () => {
  test("the last heard of come first, with connections, what took their place and how they are known to be", async () => {
    const { db } = database;
    await storeRecords(db, {
      spans: [
        spanRecord({ traceId: traceIdOf(20), processId: "201", connectionId: "301", receivedMs: NOW_MS - 5_000, service: "batch" }),
        spanRecord({ traceId: traceIdOf(20), processId: "202", connectionId: "302", receivedMs: NOW_MS - 1_000, service: "batch" }),
        spanRecord({ traceId: traceIdOf(20), processId: "202", connectionId: "303", receivedMs: NOW_MS - 900, service: "batch" }),
      ],
    });
    await db.$client.query("update process set instance_id = 'i', pid = 7 where id in (201, 202)");
    await db.$client.query("update connection set closed_ms = opened_ms, closed_by = 'client' where id = 301");
    const page = await listProcesses(ctx, ProcessesQuery.parse({ service: "batch" }), "en");
    expect(ProcessesResponse.parse(page)).toEqual(page);
    expect(page.items.map(({ id, connections }) => [id, connections.map((connection) => connection.id)])).toEqual([
      ["202", ["302", "303"]],
      ["201", ["301"]],
    ]);
    expect(page.items[1]).toMatchObject({ state: "ended", certainty: "likely", pid: 7, sdk: "opentelemetry python" });
    const first = await listProcesses(ctx, ProcessesQuery.parse({ service: "batch", limit: 1 }), "en");
    const second = await listProcesses(ctx, ProcessesQuery.parse({ service: "batch", limit: 1, cursor: first.nextCursor }), "en");
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(["202", "201"]);
    expect((await listProcesses(other, ProcessesQuery.parse({ service: "batch" }), "en")).items).toEqual([]);
  });
});

describe("stats", () => {
  test("every bucket of the range is there, whether something came in or not", async () => {
    const minute = (n: number, service: string) => ({
      project_id: 1,
      minute_ms: NOW_MS - (NOW_MS % MINUTE_MS) - n * MINUTE_MS,
      service,
      spans: 10,
      logs: 2,
      errors: 1,
      rejected: 3,
    });
    await insertRows(database.db, "ingest_minute", [minute(2, "web"), minute(2, "jobs"), minute(90, "web"), minute(10_000, "web")]);
    const stats = await loadStats(ctx, { from: new Date(NOW_MS - 3_600_000).toISOString(), to: new Date(NOW_MS).toISOString() });
    expect(StatsResponse.parse(stats)).toEqual(stats);
    expect(stats.bucketMs).toBe(MINUTE_MS);
    expect(stats.ingest).toHaveLength(61);
    expect(stats.ingest.reduce((sum, one) => sum + one.spans, 0)).toBe(20);
    expect(stats.ingest.filter((one) => one.spans > 0)).toMatchObject([{ spans: 20, logs: 4, errors: 2, rejected: 6 }]);
    expect(stats.totals).toMatchObject({ spans: 20, openFindings: 4, openSpans: 3 });
    expect(stats.totals.checks).toBeGreaterThan(0);
    expect(stats.services.map(({ service }) => service).sort()).toEqual(["jobs", "web"]);
    for (const { spansOverTime } of stats.services) {
      expect(spansOverTime).toHaveLength(24);
      expect(spansOverTime.slice(-2).reduce((sum, spans) => sum + spans, 0)).toBe(10);
    }
    expect(stats.openSpansByAge.map(({ count }) => count)).toEqual([0, 3, 0, 0, 0]);
    const week = await loadStats(ctx, { from: new Date(NOW_MS - 14 * DAY_MS).toISOString() });
    expect(week.ingest.length).toBeLessThanOrEqual(121);
    expect(week.findings.reduce((sum, one) => sum + one.count, 0)).toBe(5);
    await expect(loadStats(ctx, { from: new Date(NOW_MS).toISOString(), to: new Date(NOW_MS).toISOString() })).rejects.toMatchObject({
      code: "invalid_request",
    });
  });
});

test("a cursor of one list is no cursor of another", async () => {
  const { nextCursor } = await listFindings(ctx, FindingsQuery.parse({ limit: 1 }), "en");
  const cursor = nextCursor ?? "";
  await expect(listOpenSpans(ctx, OpenSpansQuery.parse({ cursor }))).rejects.toMatchObject({ code: "invalid_request" });
  await expect(listLogs(ctx, traceIdOf(9), LogsQuery.parse({ cursor }))).rejects.toMatchObject({ code: "invalid_request" });
  await expect(listProcesses(ctx, ProcessesQuery.parse({ cursor }), "en")).rejects.toMatchObject({ code: "invalid_request" });
});

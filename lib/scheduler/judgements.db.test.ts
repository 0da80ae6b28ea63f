import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "@/db/testing/database";
import { insertRows, storeRecords } from "@/db/testing/factories";
import { ExpectedSpanRequest } from "@/lib/api/contract/expected-spans";
import { FindingGroupsQuery, FindingGroupsResponse, FindingsQuery } from "@/lib/api/contract/findings";
import type { Context } from "@/lib/auth/context";
import { drawRecords } from "@/lib/testing/draw-trace";
import { ownIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import {
  createExpectedSpan,
  expectSpansOfFinding,
  listExpectedSpans,
  removeExpectedSpan,
  updateExpectedSpan,
} from "@/lib/traces/expected-spans";
import { listFindingGroups } from "@/lib/traces/list-finding-groups";
import { listFindings } from "@/lib/traces/list-findings";
import { giveFeedback, muteFinding } from "@/lib/traces/mute";
import { eventually as eventuallyWithin } from "./testing/eventually";
import { WatchLoop } from "./watch-loop";

/** What people say of findings, and what the scheduler makes of it. */

const database = await createTestDatabase();
const { db } = database;
afterAll(() => database.close());

const MINUTE_MS = 60_000;
/** The drawing's clock: it runs as fast as ours, and `later` moves it on. */
let movedMs = 0;
let startedMs = 0;
let arrivals = 0;
let loop: WatchLoop;
const clock = () => TEST_EPOCH_MS + Math.round(performance.now() - startedMs) + movedMs;
const ctx = (): Context => ({ db, viewer: { type: "local", projectId: 1 }, nowMs: clock() });
const traceIdOf = (n: number) => `5a${n.toString(16).padStart(30, "0")}`;

beforeEach(async () => {
  movedMs = 1_000;
  startedMs = performance.now();
  await db.$client.query(`truncate span_record, log_record, trace, process, connection, connection_process, arrival, trace_watch, open_span,
    finding, finding_group, span_baseline, remote_parent_habit, lease, expected_span`);
  loop = new WatchLoop({ db, holder: "one", settings: { settleMs: 3_000, staleAfterMs: 10 * MINUTE_MS }, clock });
  loop.start();
});
afterEach(() => loop.stop());

/** Stores what is drawn as beginning now, and tells the scheduler, as ingest does. */
async function arrive(trace: number, drawing: string, attributes: Record<string, string> = {}): Promise<void> {
  const spans = drawRecords(drawing, { traceId: traceIdOf(trace), epochMs: clock() - 20 });
  await storeRecords(db, {
    spans,
    attributesOf: () => Object.entries(attributes).map(([key, value]) => ({ key, value: { type: "string", value } })),
  });
  // A process without a name is a new one with each connection, so that its path seems to reconnect.
  await db.$client.query("update process set instance_id = id::text");
  await tell("records", { trace_ids: [traceIdOf(trace)], open_trace_ids: [traceIdOf(trace)] });
}
async function tell(what: string, ids: Record<string, string[]>): Promise<void> {
  const none = { trace_ids: [], open_trace_ids: [], process_ids: [] };
  await insertRows(db, "arrival", [{ id: ++arrivals, at_ms: clock(), project_id: 1, what, ...none, ...ids }]);
  loop.wake();
}
async function kill(process: string): Promise<void> {
  await db.$client.query("update connection set closed_ms = $2, closed_by = 'client' where id = $1", [ownIdOf(process), clock()]);
  await tell("connection", { process_ids: [ownIdOf(process)] });
  later(6_000);
}
function later(ms: number): void {
  movedMs += ms;
  loop.wake();
}
const findings = async (kind: string) =>
  (
    await db.$client.query(
      `select id, state, closed_because->>'id' as because, trace_id::text as trace from finding where kind = $1 order by trace_id, span_name, id`,
      [kind],
    )
  ).rows;
const one = async (kind: string) => (await findings(kind))[0];
const trace = async (n: number) => (await db.$client.query("select * from trace where trace_id = $1", [traceIdOf(n)])).rows[0];
const groups = async (query: Partial<FindingGroupsQuery> = {}) => {
  const answer = await listFindingGroups(ctx(), FindingGroupsQuery.parse(query), "en");
  expect(FindingGroupsResponse.parse(answer)).toEqual(answer);
  return answer.items;
};
const eventually = (check: () => Promise<void>) => eventuallyWithin(check, 20_000);
const rule = (wish: Partial<ExpectedSpanRequest>) => ExpectedSpanRequest.parse(wish);

describe("a span that is expected to be long", () => {
  const SOCKET = "websocket   |.........   @web";
  const untilStale = async () => {
    await eventually(async () => expect(await one("ongoing-span")).toMatchObject({ state: "open" }));
    later(11 * MINUTE_MS);
    await eventually(async () => expect(await one("stale-span")).toMatchObject({ state: "open" }));
  };

  test("stops being reported after one click, also where it is open already, and is reported again when the rule goes", async () => {
    await arrive(1, SOCKET);
    await untilStale();
    expect(await trace(1)).toMatchObject({ finding_count: 1, worst_severity: "warning" });

    const made = await expectSpansOfFinding(ctx(), (await one("stale-span")).id);
    expect(made).toMatchObject({ service: "shop", spanName: "websocket", attribute: null, spanKind: null });
    await eventually(async () => {
      // Not retracted: that would count as a mistake of ours.
      expect(await one("stale-span")).toMatchObject({ state: "resolved", because: "closed.expected" });
      expect(await one("ongoing-span")).toMatchObject({ state: "open" });
      expect(await trace(1)).toMatchObject({ finding_count: 0, kinds: ["ongoing-span"] });
    });
    expect((await listExpectedSpans(ctx())).items).toMatchObject([{ id: made.id, openNow: 1 }]);

    await arrive(2, "websocket   |.........   @web2");
    await eventually(async () => expect((await findings("ongoing-span")).length).toBe(2));
    later(20 * MINUTE_MS);
    await eventually(async () => expect((await listExpectedSpans(ctx())).items).toMatchObject([{ openNow: 2 }]));
    expect((await findings("stale-span")).filter(({ state }) => state === "open")).toEqual([]);

    await removeExpectedSpan(ctx(), made.id);
    await eventually(async () => expect((await findings("stale-span")).map(({ state }) => state)).toEqual(["open", "open"]));
  });

  test("is still abandoned when its process ends: what is expected is a long life, not death", async () => {
    await createExpectedSpan(ctx(), rule({ spanName: "websocket" }));
    await arrive(1, SOCKET);
    await eventually(async () => expect(await one("ongoing-span")).toMatchObject({ state: "open" }));
    await kill("web");
    await eventually(async () => expect(await one("abandoned-span")).toMatchObject({ state: "open" }));
  });

  test("is told by its attribute and kind, and others of its name are reported as ever", async () => {
    await createExpectedSpan(ctx(), rule({ service: "shop", attribute: { key: "channel", value: "push" }, spanKind: "server" }));
    await arrive(1, "listen   |.........   @a server", { channel: "push" });
    await arrive(2, "listen   |.........   @b server", { channel: "poll" });
    await arrive(3, "listen   |.........   @c client", { channel: "push" });
    await eventually(async () => expect((await findings("ongoing-span")).length).toBe(3));
    later(11 * MINUTE_MS);
    await eventually(async () =>
      expect((await findings("stale-span")).map((found) => found.trace.replaceAll("-", ""))).toEqual([traceIdOf(2), traceIdOf(3)]),
    );
    later(MINUTE_MS);
    expect(await findings("stale-span")).toHaveLength(2);
  });

  test("follows a rule that is changed; the same said twice is one rule, and two rules cannot come to say the same", async () => {
    await arrive(1, SOCKET);
    await untilStale();
    const made = await createExpectedSpan(ctx(), rule({ spanName: "other" }));
    expect(await createExpectedSpan(ctx(), rule({ spanName: "other" }))).toEqual(made);
    await updateExpectedSpan(ctx(), made.id, rule({ service: "shop" }));
    await eventually(async () => expect(await one("stale-span")).toMatchObject({ state: "resolved", because: "closed.expected" }));
    const second = await createExpectedSpan(ctx(), rule({ spanKind: "server" }));
    await expect(updateExpectedSpan(ctx(), second.id, rule({ service: "shop" }))).rejects.toMatchObject({ code: "conflict" });
    await updateExpectedSpan(ctx(), made.id, rule({ service: "bank" }));
    await eventually(async () => expect(await one("stale-span")).toMatchObject({ state: "open" }));
  });

  test("cannot be made of a finding about something else, nor of another project's", async () => {
    await arrive(1, "job   |.........   @w1");
    await eventually(async () => expect(await one("ongoing-span")).toMatchObject({ state: "open" }));
    await kill("w1");
    await eventually(async () => expect(await one("abandoned-span")).toMatchObject({ state: "open" }));
    const { id } = await one("abandoned-span");
    await expect(expectSpansOfFinding(ctx(), id)).rejects.toMatchObject({ code: "conflict" });
    const theirs: Context = { ...ctx(), viewer: { type: "key", projectId: 2, scope: "admin" } };
    await expect(expectSpansOfFinding(theirs, (await one("ongoing-span")).id)).rejects.toMatchObject({ code: "not_found" });
    const made = await createExpectedSpan(ctx(), rule({ service: "shop" }));
    await expect(removeExpectedSpan(theirs, made.id)).rejects.toMatchObject({ code: "not_found" });
    expect((await listExpectedSpans(theirs)).items).toEqual([]);
  });
});

describe("what is said of a finding", () => {
  const killed = async (n: number) => {
    await arrive(n, `job   |.........   @w${n}`);
    await eventually(async () => expect((await trace(n)).kinds).toEqual(["ongoing-span"]));
    await kill(`w${n}`);
    await eventually(async () => expect((await trace(n)).kinds).toEqual(["abandoned-span"]));
  };
  const states = async () => (await findings("abandoned-span")).map(({ state }) => state);
  const listed = async () => (await listFindings(ctx(), FindingsQuery.parse({ kind: "abandoned-span", state: "all" }), "en")).items;

  test("known: all like it are muted, those to come as well, until it is taken back", async () => {
    await killed(1);
    await killed(2);
    await giveFeedback(ctx(), (await one("abandoned-span")).id, "known", "en");
    expect(await states()).toEqual(["muted", "muted"]);
    await eventually(async () =>
      expect(await trace(1)).toMatchObject({ finding_count: 0, worst_severity: null, kinds: ["abandoned-span"] }),
    );
    await killed(3);
    expect(await states()).toEqual(["muted", "muted", "muted"]);
    expect(await trace(3)).toMatchObject({ finding_count: 0 });
    expect(await groups()).toEqual([]);
    expect(await groups({ state: "muted" })).toMatchObject([
      { muted: true, mutedCount: 3, feedback: { verdict: "known", cameBackAt: null } },
    ]);

    await giveFeedback(ctx(), (await one("abandoned-span")).id, null, "en");
    expect(await states()).toEqual(["open", "open", "open"]);
    expect(await groups()).toMatchObject([{ openCount: 3, feedback: null, muted: false }]);
    await eventually(async () => expect(await trace(3)).toMatchObject({ finding_count: 1, worst_severity: "error" }));
  });

  test("fixed: what began before is put to rest, and what comes after opens as new and says that it came back", async () => {
    await killed(1);
    await arrive(2, "job   |.........   @w2");
    await eventually(async () => expect((await trace(2))?.kinds).toEqual(["ongoing-span"]));
    const marked = await giveFeedback(ctx(), (await one("abandoned-span")).id, "fixed", "en");
    expect(marked).toMatchObject({ state: "muted", feedback: { verdict: "fixed", cameBack: false } });
    // Its trace ran the old code: it cannot tell that the fix does not work.
    await kill("w2");
    await eventually(async () => expect(await states()).toEqual(["muted", "muted"]));
    expect(await groups()).toEqual([]);

    await killed(3);
    expect(await states()).toEqual(["muted", "muted", "open"]);
    expect((await listed()).find(({ state }) => state === "open")).toMatchObject({ feedback: { verdict: "fixed", cameBack: true } });
    const [group] = await groups();
    expect(group).toMatchObject({ openCount: 1, mutedCount: 2, muted: false, feedback: { verdict: "fixed" } });
    expect(Date.parse(group?.feedback?.cameBackAt ?? "")).toBeGreaterThan(Date.parse(group?.feedback?.at ?? ""));
  });

  test("one that was muted by itself stays so when what was said of its group is taken back", async () => {
    await killed(1);
    await killed(2);
    const [first] = await findings("abandoned-span");
    await muteFinding(ctx(), first.id, "en");
    await giveFeedback(ctx(), first.id, "not-a-problem", "en");
    await giveFeedback(ctx(), first.id, null, "en");
    expect(await states()).toEqual(["muted", "open"]);
  });

  test("another project's finding is missing, and what is said of it is not kept", async () => {
    await killed(1);
    const theirs: Context = { ...ctx(), viewer: { type: "key", projectId: 2, scope: "admin" } };
    await expect(giveFeedback(theirs, (await one("abandoned-span")).id, "fixed", "en")).rejects.toMatchObject({ code: "not_found" });
    expect(await states()).toEqual(["open"]);
  });
});

describe("a killed process", () => {
  /** Four traces with ten open spans of five names each, and parents that never came. */
  const drawing = (n: number) => `
    handle ${n % 2}   |...........................   @w1
    ${Array.from({ length: 9 }, (_, i) => `  step ${i % 3}#${n}-${i}     |........................   @w1`).join("\n    ")}
  `;

  test("is one item, not forty, and keeps a group with its own trend for each span name", async () => {
    for (let n = 1; n <= 4; n++) await arrive(n, drawing(n));
    await arrive(5, "alive   |........................   @w2");
    await eventually(async () => expect(await findings("ongoing-span")).toHaveLength(41));
    await kill("w1");
    await eventually(async () => expect(await findings("abandoned-span")).toHaveLength(40));

    const found = (await groups()).filter(({ kind }) => kind === "abandoned-span");
    expect(found).toMatchObject([{ incident: { processes: 1, findings: 40, groups: 5 } }]);
    const under = await groups({ leadId: found[0]?.id });
    expect(under).toHaveLength(4);
    expect(under.every(({ incident }) => incident === null)).toBe(true);
    const opened = new Map([...found, ...under].map(({ spanName, trend }) => [spanName, trend.at(-1)]));
    expect(Object.fromEntries(opened)).toEqual({ "handle 0": 2, "handle 1": 2, "step 0": 12, "step 1": 12, "step 2": 12 });
    const { items } = await listFindings(ctx(), FindingsQuery.parse({ kind: "abandoned-span", limit: 100 }), "en");
    expect(new Set(items.map(({ incidentId }) => incidentId)).size).toBe(1);
    expect(await listFindings(ctx(), FindingsQuery.parse({ incidentId: items[0]?.incidentId ?? "", limit: 100 }), "en")).toMatchObject({
      items: { length: 40 },
    });
  });

  test("and a second one are one item of two, and a group that was also left by nobody's end stands for itself", async () => {
    await arrive(1, "job |......  @w1\n  step |....  @w1");
    await arrive(2, "job |......  @w2\n  step |....  @w2");
    await eventually(async () => expect(await findings("ongoing-span")).toHaveLength(4));
    await kill("w1");
    await kill("w2");
    await eventually(async () => expect((await findings("abandoned-span")).filter(({ state }) => state === "open")).toHaveLength(4));
    const abandoned = async () => (await groups()).filter(({ kind }) => kind === "abandoned-span");
    expect(await abandoned()).toMatchObject([{ openCount: 2, incident: { processes: 2, findings: 4, groups: 2 } }]);
    // Asked for by what may hide the group that stands for the others, each is there.
    expect((await groups({ severity: "error" })).filter(({ kind }) => kind === "abandoned-span")).toHaveLength(2);

    const [lead] = await abandoned();
    await db.$client.query(
      "update finding set incident_id = null where id in (select id from finding where group_id <> $1 and kind = 'abandoned-span' limit 1)",
      [lead?.id],
    );
    expect(await abandoned()).toHaveLength(2);
  });
});

test("a cure is seen to work: so many a run, and none in the runs since", async () => {
  const badRun = async (n: number) => {
    await arrive(n, `nightly |------------|  @main${n}\n  job#${n}a  |......  @w${n}\n  job#${n}b  |......  @w${n}`);
    await eventually(async () => expect((await findings("ongoing-span")).length).toBeGreaterThanOrEqual(2 * n));
    await kill(`w${n}`);
    await eventually(async () => expect((await findings("abandoned-span")).length).toBe(2 * n));
  };
  const runs = async () => (await groups({ kind: "abandoned-span" }))[0]?.runs;
  await badRun(1);
  await badRun(2);
  expect(await runs()).toMatchObject({ of: "nightly", affected: 2, least: 2, most: 2, since: 0, more: false });

  await arrive(3, "nightly |------------|  @main3\n  job#3  |---|  @w3");
  await arrive(4, "other   |------------|  @main4");
  // A run that is not over has not gone well yet.
  await arrive(5, "nightly |............  @main5");
  later(20_000);
  await eventually(async () => expect((await trace(3)).settled_ms).not.toBeNull());
  await eventually(async () => expect((await trace(4)).settled_ms).not.toBeNull());
  expect(await runs()).toMatchObject({ affected: 2, since: 1, more: false });
});

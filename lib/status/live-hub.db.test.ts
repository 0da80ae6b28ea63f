import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { GET } from "@/app/api/live/route";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { answerFrom, ask } from "@/lib/http/ask";
import { logger } from "@/lib/logger";
import { liveHub, openLiveHub } from "./live-hub";

logger.level = "silent";

let database: TestDatabase;
let opened: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(opened.map((hub) => hub.close()));
  opened = [];
});
afterAll(() => database.close());

const notify = (payload: unknown) => database.db.$client.query("select pg_notify('spanwatch_live', $1)", [JSON.stringify(payload)]);
const traces = (projectId: number, ...traceIds: string[]) => ({ type: "traces", projectId, traceIds, more: false });

async function open() {
  const hub = openLiveHub(database.url);
  opened.push(hub);
  const listen = (projectId: number) => {
    const heard: { type: string; traceIds?: string[]; missed?: boolean }[] = [];
    let ended = 0;
    const leave = hub.subscribe(projectId, { send: (data) => heard.push(JSON.parse(data)), end: () => ended++ });
    return { heard, leave, ended: () => ended, ids: () => heard.flatMap(({ traceIds }) => traceIds ?? []) };
  };
  const first = listen(1);
  // The second hello says that it listens.
  await expect.poll(() => first.heard.length).toBe(2);
  return { hub, listen, first };
}

test("what arrives in a project is told to everybody who looks at it, and to nobody else", async () => {
  const { listen } = await open();
  const [mine, ours, theirs] = [listen(1), listen(1), listen(2)];
  await notify(traces(1, "a"));
  await notify(traces(2, "b"));
  await expect.poll(() => [mine.ids(), ours.ids(), theirs.ids()]).toEqual([["a"], ["a"], ["b"]]);
  expect(JSON.stringify(mine.heard)).not.toContain("projectId");
});

test("what names no project, or is not ours, is told to nobody", async () => {
  const { first } = await open();
  await notify({ type: "traces", traceIds: ["leak"], more: false });
  await database.db.$client.query("notify spanwatch_live, 'not json'");
  await notify(traces(1, "after"));
  await expect.poll(() => first.ids()).toEqual(["after"]);
});

test("nothing is lost between a page's first answer and its subscription", async () => {
  const { listen, first } = await open();
  await notify(traces(1, "just before"));
  await expect.poll(() => first.ids()).toEqual(["just before"]);
  expect(listen(1).ids()).toEqual(["just before"]);
  expect(listen(2).ids()).toEqual([]);
});

test("whoever left hears no more", async () => {
  const { listen, first } = await open();
  const gone = listen(1);
  gone.leave();
  await notify(traces(1, "later"));
  await expect.poll(() => first.ids()).toEqual(["later"]);
  expect(gone.ids()).toEqual([]);
});

test("a restart of the database is survived, and everybody is told to look again", async () => {
  const { first } = await open();
  const before = first.heard.length;
  await database.db.$client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'spanwatch live' and datname = current_database()",
  );
  await expect.poll(() => first.heard.length, { timeout: 10_000 }).toBe(before + 1);
  expect(first.heard.at(-1)).toEqual({ type: "hello", missed: true });
  await notify(traces(1, "again"));
  await expect.poll(() => first.ids()).toEqual(["again"]);
});

test("however many browsers, one connection to the database", async () => {
  const { listen } = await open();
  for (let count = 0; count < 50; count++) listen(1);
  const { rows } = await database.db.$client.query(
    "select count(*)::int4 as count from pg_stat_activity where application_name = 'spanwatch live' and datname = current_database()",
  );
  expect(rows).toEqual([{ count: 1 }]);
});

test("there is an end to how many browsers may listen", async () => {
  const { hub, listen } = await open();
  for (let count = 1; count < 500; count++) listen(1);
  expect(hub.hasRoom).toBe(false);
});

test("a stopping server says goodbye to all", async () => {
  const { hub, first } = await open();
  await hub.close();
  expect(first.ended()).toBe(1);
});

test("a browser hears of a trace through GET /api/live", async () => {
  answerFrom(database);
  opened.push(liveHub(database.url));
  const abort = new AbortController();
  const response = await ask(GET, "/api/live", { signal: abort.signal });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const read = async (until: string) => {
    while (!text.includes(until)) text += (await reader.read()).value ?? "";
  };
  await read('"missed":true}\n\ndata: {"type":"hello"');
  await notify(traces(1, "0af7651916cd43dd8448eb211c80319c"));
  await read("0af7651916cd43dd8448eb211c80319c");
  expect(text).toContain('data: {"type":"traces","traceIds":["0af7651916cd43dd8448eb211c80319c"],"more":false}\n\n');
  abort.abort();
  expect((await reader.read()).done).toBe(true);
});

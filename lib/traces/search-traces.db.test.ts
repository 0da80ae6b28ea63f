import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { storeRecords } from "@/db/testing/factories";
import { TracesQuery, TracesResponse } from "@/lib/api/contract/traces";
import type { Context } from "@/lib/auth/context";
import { type Attribute, encodeKeyValue } from "@/lib/otel/attributes";
import { unixNanoOfMs } from "@/lib/otel/time";
import { spanRecord, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { searchTraces } from "./search-traces";

let database: TestDatabase;
let ctx: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = { db: database.db, viewer: { type: "local", projectId: 1 }, nowMs: TEST_EPOCH_MS };
});
afterAll(() => database.close());

const traceIdOf = (n: number) => `c${n.toString(16).padStart(31, "0")}`;
const search = async (query: z.input<typeof TracesQuery>, of: Context = ctx) => searchTraces(of, TracesQuery.parse(query));
const found = async (query: z.input<typeof TracesQuery>) =>
  (await search(query)).items.map((trace) => Number.parseInt(trace.traceId.slice(20), 16));

/** Traces 1 … 9 of one span each; trace n began to arrive n minutes after the epoch and lasted n · 100 ms. */
beforeAll(async () => {
  const attributes = new Map<string, Attribute[]>();
  const spans = Array.from({ length: 9 }, (_, i) => {
    const n = i + 1;
    const traceId = traceIdOf(n);
    attributes.set(traceId, [
      { key: "order", value: { type: "string", value: `o-${n}` } },
      { key: "items", value: { type: "int", value: String(n * 1000) } },
      { key: "paid", value: { type: "bool", value: n % 2 === 0 } },
      { key: "share", value: { type: "double", value: n / 2 } },
      // Looks like order=o-9 to whoever only looks for bytes.
      {
        key: "note",
        value: { type: "string", value: Buffer.from(encodeKeyValue("order", { type: "string", value: "o-9" })).toString("latin1") },
      },
    ]);
    return spanRecord({
      traceId,
      name: `GET /cart/${n}`,
      service: n <= 3 ? "web" : "jobs",
      statusCode: n === 2 ? "error" : "ok",
      resourceId: String(n),
      receivedMs: TEST_EPOCH_MS + n * 60_000,
      startTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS),
      endTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + n * 100),
    });
  });
  await storeRecords(database.db, { spans, attributesOf: (record) => attributes.get(record.traceId ?? "") ?? [] });
  await storeRecords(database.db, { spans: [spanRecord({ traceId: traceIdOf(50), name: "theirs" })], projectId: 2 });
  const set = (n: number, change: string) => database.db.$client.query(`update trace set ${change} where trace_id = $1`, [traceIdOf(n)]);
  await set(1, "open_count = 1");
  await set(2, "finding_count = 2, kinds = array['abandoned-span'], worst_severity = 'error', settled_ms = last_received_ms");
  await set(3, "settled_ms = last_received_ms + 5");
  await set(4, "settled_ms = last_received_ms - 1");
});

describe("lists of traces", () => {
  test("the latest come first, page by page, each once", async () => {
    const first = await search({ limit: 4 });
    expect(TracesResponse.parse(first)).toEqual(first);
    const second = await search({ limit: 4, cursor: first.nextCursor ?? undefined });
    const third = await search({ limit: 4, cursor: second.nextCursor ?? undefined });
    const ids = [first, second, third].flatMap((page) => page.items.map((trace) => trace.traceId));
    expect(ids).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1].map(traceIdOf));
    expect(third.nextCursor).toBeNull();
  });

  test.each<[string, z.input<typeof TracesQuery>, number[]]>([
    ["a service", { service: "web" }, [3, 2, 1]],
    ["a root's name", { name: "GET /cart/7" }, [7]],
    ["errors", { status: "error" }, [2]],
    ["no errors, of a service", { status: "ok", service: "web" }, [3, 1]],
    ["a shortest and a longest duration", { minDuration: 300, maxDuration: 500 }, [5, 4, 3]],
    ["a kind of finding", { kind: "abandoned-span" }, [2]],
    ["a family of findings", { family: "unclosed" }, [2]],
    ["a kind of another family", { family: "orphan", kind: "abandoned-span" }, []],
    ["what goes on", { state: "ongoing" }, [1]],
    ["what is settled", { state: "settled" }, [3, 2]],
    ["what has findings", { state: "with-findings" }, [2]],
    ["what is healthy", { state: "healthy" }, [3]],
    ["a part of a name, whatever its case", { q: "CART/8" }, [8]],
    ["a text that SQL could misread", { q: "%_'\\" }, []],
    ["a trace id", { q: traceIdOf(5).toUpperCase() }, [5]],
    [
      "a range of time",
      { from: new Date(TEST_EPOCH_MS + 2 * 60_000).toISOString(), to: new Date(TEST_EPOCH_MS + 3 * 60_000).toISOString() },
      [3, 2],
    ],
    ["a string attribute", { attr: "order=o-4" }, [4]],
    ["an integer attribute", { attr: "items=3000" }, [3]],
    ["a boolean attribute", { attr: "paid=true" }, [8, 6, 4, 2]],
    ["a double attribute", { attr: "share=1.5" }, [3]],
    ["two attributes at once", { attr: ["paid=true", "order=o-6"] }, [6]],
    ["two attributes that no span has both", { attr: ["paid=true", "order=o-5"] }, []],
    ["bytes that stand elsewhere than in the attribute", { attr: "order=o-9" }, [9]],
    ["an attribute of the resource", { attr: "service.name=web" }, [3, 2, 1]],
    ["an attribute and another filter", { attr: "paid=false", service: "web" }, [3, 1]],
    ["a value that no one sent", { attr: "order=" }, []],
  ])("finds traces by %s", async (_, query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  test("a search by attribute goes on where its page ended", async () => {
    const first = await search({ attr: "paid=true", limit: 3 });
    const second = await search({ attr: "paid=true", limit: 3, cursor: first.nextCursor ?? undefined });
    expect([...first.items, ...second.items].map((trace) => trace.traceId)).toEqual([8, 6, 4, 2].map(traceIdOf));
    expect([first.partial, second.partial, second.nextCursor]).toEqual([false, false, null]);
  });

  test("a search that reaches its bound says so and can be gone on with", async () => {
    await database.db.$client.query("update trace set span_count = 1000000 where trace_id = $1", [traceIdOf(9)]);
    await database.db.$client.query(
      `insert into trace (trace_id, project_id, first_received_ms, last_received_ms, span_count, error_count, services)
       select ('d' || lpad(to_hex(i), 31, '0'))::uuid, 1, $1::int8 + i, $1::int8 + i, 1, 0, '{}' from generate_series(1, 95) as i`,
      [TEST_EPOCH_MS + 3_600_000],
    );
    const first = await search({ attr: "order=o-1" });
    expect([first.items.length, first.partial]).toEqual([0, true]);
    const second = await search({ attr: "order=o-1", cursor: first.nextCursor ?? undefined });
    expect([second.items.map((trace) => trace.traceId), second.partial]).toEqual([[traceIdOf(1)], false]);
  });

  test("another project sees nothing of it, and the other way round", async () => {
    const other: Context = { ...ctx, viewer: { type: "key", projectId: 2, scope: "read" } };
    expect((await search({}, other)).items.map((trace) => trace.rootName)).toEqual(["theirs"]);
    expect((await search({ attr: "paid=true" }, other)).items).toEqual([]);
  });

  test.each(["nonsense", "", Buffer.from('["a","b"]').toString("base64url"), Buffer.from("[1]").toString("base64url")])(
    "a cursor that this list did not give out (%s) is a wrong question, not a failure",
    async (cursor) => {
      await expect(search({ cursor })).rejects.toMatchObject({ code: "invalid_request" });
    },
  );
});

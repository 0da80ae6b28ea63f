import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { storeRecords } from "@/db/testing/factories";
import { SpanDetails } from "@/lib/api/contract/traces";
import type { Context } from "@/lib/auth/context";
import type { Attribute } from "@/lib/otel/attributes";
import { BackwardWriter } from "@/lib/otel/wire";
import { decodeTracesJson } from "@/lib/otlp/json";
import { drawRecords } from "@/lib/testing/draw-trace";
import { ownIdOf, spanIdOf, spanRecord, TEST_EPOCH_MS, TEST_TRACE_ID } from "@/lib/testing/spans";
import { exportTrace } from "./export-trace";
import { loadSpan } from "./load-span";

let database: TestDatabase;
let ctx: Context;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = { db: database.db, viewer: { type: "local", projectId: 1 }, nowMs: TEST_EPOCH_MS };
});
afterAll(() => database.close());

const text = (key: string, value: string): Attribute => ({ key, value: { type: "string", value } });
const TRACE = (n: number) => `b${n.toString(16).padStart(31, "0")}`;

test("a span shows what its end brought, every report of it, and which of them decides", async () => {
  const traceId = TRACE(1);
  await storeRecords(database.db, {
    spans: drawRecords(
      `render    |-------------------|   @parent
         tile      |------|               @child request=bye
       render    |---------|             @parent no-start request=bye connection=child`.replaceAll(/^ {7}/gm, ""),
      { traceId },
    ),
    attributesOf: (record) => [text("said.by", "phase" in record ? `${record.phase} of ${record.requestId}` : "")],
  });
  const details = await loadSpan(ctx, traceId, spanIdOf("render"));
  expect(SpanDetails.parse(details)).toEqual(details);
  expect(details.records.map(({ phase, decides }) => [phase, decides])).toEqual([
    ["start", false],
    ["end", false],
    ["end", true],
  ]);
  const deciding = details.records.find((record) => record.decides);
  expect(deciding?.requestId).not.toBe(ownIdOf("request bye"));
  expect(details.attributes).toEqual([{ key: "said.by", type: "string", value: `end of ${deciding?.requestId}` }]);
  expect(details.resourceAttributes).toEqual([{ key: "service.name", type: "string", value: "shop" }]);
  expect(details.scope).toEqual({ name: "tests", version: "1" });
});

test("attributes of every type come as they were sent: int64, NaN, bytes, nested, repeated and dangerous keys", async () => {
  const traceId = TRACE(2);
  const sent: Attribute[] = [
    { key: "big", value: { type: "int", value: "9223372036854775807" } },
    { key: "nan", value: { type: "double", value: Number.NaN } },
    { key: "negative zero", value: { type: "double", value: -0 } },
    { key: "bytes", value: { type: "bytes", value: new Uint8Array([0, 255]) } },
    { key: "__proto__", value: { type: "string", value: "plain" } },
    { key: "twice", value: { type: "bool", value: true } },
    { key: "twice", value: { type: "bool", value: false } },
    {
      key: "nested",
      value: {
        type: "kvlist",
        value: [
          {
            key: "list",
            value: { type: "array", value: [{ type: "int", value: "1" }, { type: "empty" }, { type: "string", value: '"' }] },
          },
        ],
      },
    },
    { key: "nothing", value: { type: "empty" } },
  ];
  await storeRecords(database.db, { spans: [spanRecord({ traceId, name: "typed" })], attributesOf: () => sent });
  const { attributes } = await loadSpan(ctx, traceId, spanIdOf("typed"));
  expect(attributes.map(({ key, type, value }) => `${key} ${type} ${value}`)).toEqual([
    "big int 9223372036854775807",
    "nan double NaN",
    "negative zero double -0",
    "bytes bytes AP8=",
    "__proto__ string plain",
    "twice bool true",
    "twice bool false",
    'nested kvlist {"list":[1,null,"\\""]}',
    "nothing empty ",
  ]);
});

test("events and links come with their attributes", async () => {
  const traceId = TRACE(3);
  const field = (number: number, write: (writer: BackwardWriter) => void) => {
    const writer = new BackwardWriter();
    write(writer);
    writer.close(number, 0);
    return writer.finish().slice();
  };
  await storeRecords(database.db, {
    spans: [spanRecord({ traceId, name: "busy" })],
    eventsOf: () => field(11, (writer) => writer.text(2, "exception")),
    linksOf: () =>
      field(13, (writer) => {
        writer.bytes(2, Buffer.from("00000000000000aa", "hex"));
        writer.bytes(1, Buffer.from(TEST_TRACE_ID, "hex"));
      }),
  });
  const { events, links } = await loadSpan(ctx, traceId, spanIdOf("busy"));
  expect(events).toEqual([{ name: "exception", timeUnixNano: "0", attributes: [] }]);
  expect(links).toEqual([{ traceId: TEST_TRACE_ID, spanId: "00000000000000aa", attributes: [] }]);
});

test("each of the spans that share an id can be opened, a missing parent has a row, an unknown span is not found", async () => {
  const traceId = TRACE(4);
  await storeRecords(database.db, { spans: drawRecords("oslo |---| @a\nlima      |---| @b id=oslo\n(gone)\n  left |-|", { traceId }) });
  expect((await loadSpan(ctx, traceId, spanIdOf("oslo"))).span.name).toBe("oslo");
  expect((await loadSpan(ctx, traceId, spanIdOf("oslo"), 1)).span.name).toBe("lima");
  expect(await loadSpan(ctx, traceId, spanIdOf("gone"))).toMatchObject({ span: { state: "missing" }, records: [] });
  await expect(loadSpan(ctx, traceId, spanIdOf("nowhere"))).rejects.toMatchObject({ code: "not_found" });
  await expect(loadSpan(ctx, traceId, "' or '1")).rejects.toMatchObject({ code: "not_found" });
  await expect(loadSpan(ctx, TRACE(99), spanIdOf("oslo"))).rejects.toMatchObject({ code: "not_found" });
});

test("an exported trace can be sent again: every span once, the open one without an end", async () => {
  const traceId = TRACE(5);
  const records = drawRecords(
    "checkout |------------|  @web server\n  charge    |....  @web\n  call      |---|  @jobs/worker client error",
    { traceId },
  );
  await storeRecords(database.db, {
    spans: [...records, ...records],
    attributesOf: (record) => [text("of", "name" in record ? record.name : "")],
  });
  let json = "";
  for await (const piece of await exportTrace(ctx, traceId)) json += piece;
  const { spans } = decodeTracesJson(Buffer.from(json));
  expect(spans.count).toBe(3);
  const sent = (JSON.parse(json) as { resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[] }).resourceSpans.flatMap(
    (one) => one.scopeSpans.flatMap((scope) => scope.spans),
  );
  expect(sent.map((span) => [span.name, "endTimeUnixNano" in span]).sort()).toEqual([
    ["call", true],
    ["charge", false],
    ["checkout", true],
  ]);
  expect(sent.find((span) => span.name === "call")).toMatchObject({
    parentSpanId: spanIdOf("checkout"),
    kind: 3,
    status: { code: 2 },
    attributes: [{ key: "of", value: { stringValue: "call" } }],
  });
  await expect(exportTrace(ctx, TRACE(98))).rejects.toMatchObject({ code: "not_found" });
});

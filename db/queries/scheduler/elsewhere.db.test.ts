import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase } from "@/db/testing/database";
import { storeFinding, storeRecords } from "@/db/testing/factories";
import { drawRecords } from "@/lib/testing/draw-trace";
import { spanIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { type ElsewhereQuery, findSpansElsewhere, listProposedTraceIds } from "./elsewhere";

const database = await createTestDatabase();
const { db } = database;
afterAll(() => database.close());

const HERE = "1".repeat(32);
const THERE = "2".repeat(32);
const ns = (ms: number) => String(BigInt(TEST_EPOCH_MS + ms) * 1_000_000n);
const ask = (changes: Partial<ElsewhereQuery> = {}): ElsewhereQuery => ({
  projectId: 1,
  traceId: HERE,
  spanIds: [spanIdOf("call")],
  aroundMs: TEST_EPOCH_MS + 15,
  fromMs: TEST_EPOCH_MS - 3_600_000,
  toMs: TEST_EPOCH_MS + 600_000,
  openFromNs: ns(5),
  openToNs: ns(8),
  traceIds: [],
  ...changes,
});

beforeAll(async () => {
  await storeRecords(db, { spans: drawRecords("page   |---------------|\n  call    |--------|", { traceId: THERE }) });
  await storeRecords(db, { spans: drawRecords("serve     |----|   @b  <- call", { traceId: HERE }) });
});

test("a missing parent is found in the trace beside, with both its times though its start was reported first", async () => {
  expect(await findSpansElsewhere(db, ask())).toEqual([
    { traceId: THERE, spanId: spanIdOf("call"), name: "call", service: "shop", startNs: ns(3), endNs: ns(12) },
  ]);
});

test("not in the trace that misses it, in another project, or in what was heard of hours before", async () => {
  expect(await findSpansElsewhere(db, ask({ spanIds: [spanIdOf("serve")] }))).toEqual([]);
  expect(await findSpansElsewhere(db, ask({ projectId: 2 }))).toEqual([]);
  expect(await findSpansElsewhere(db, ask({ fromMs: TEST_EPOCH_MS + 14 }))).toEqual([]);
});

test("among hundreds of traces the one that was open then is read before the others, and one that is known always is", async () => {
  // Heard of at the same time, some nearer than the one that is meant, and over long ago by their own clocks.
  await db.$client.query(
    `insert into trace (trace_id, project_id, first_received_ms, last_received_ms, start_ns, end_ns, span_count, error_count, services)
     select ('f' || lpad(to_hex(i), 31, '0'))::uuid, 1, $1::int8 + (i % 2) * 10 + 3, $1::int8 + 20, 1, 2, 1, 0, '{shop}' from generate_series(1, 400) as i`,
    [TEST_EPOCH_MS],
  );
  expect(await findSpansElsewhere(db, ask())).toHaveLength(1);
  const another = { openFromNs: ns(90_000), openToNs: ns(90_001), aroundMs: TEST_EPOCH_MS + 300 };
  expect(await findSpansElsewhere(db, ask(another))).toEqual([]);
  expect(await findSpansElsewhere(db, ask({ ...another, traceIds: [THERE] }))).toHaveLength(1);
});

test("a trace that is larger than all that may be read is left alone", async () => {
  await db.$client.query("update trace set span_count = 10001 where trace_id = $1", [THERE]);
  expect(await findSpansElsewhere(db, ask())).toEqual([]);
});

test("where a standing finding placed its spans is remembered, until it is over", async () => {
  const proposed_parents = [{ spanId: spanIdOf("serve"), traceId: THERE, parentSpanId: spanIdOf("call") }];
  await storeFinding(db, { id: "elsewhere", kind: "parent-in-other-trace", trace_id: HERE, proposed_parents });
  expect(await listProposedTraceIds(db, HERE, "parent-in-other-trace")).toEqual([THERE]);
  expect(await listProposedTraceIds(db, HERE, "stale-carrier")).toEqual([]);
  await db.$client.query("update finding set state = 'resolved' where id = 'elsewhere'");
  expect(await listProposedTraceIds(db, HERE, "parent-in-other-trace")).toEqual([]);
});

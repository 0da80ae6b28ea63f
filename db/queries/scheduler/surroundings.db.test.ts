import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase } from "@/db/testing/database";
import { storeRecords } from "@/db/testing/factories";
import { drawRecords } from "@/lib/testing/draw-trace";
import { spanIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { findSameLowIds, hasLinks, listFirstAttributes, listLatestProcessIds, listRecentProcessIds, listRootRecords } from "./surroundings";

const database = await createTestDatabase();
const { db } = database;
afterAll(() => database.close());

const JOB = "1".repeat(32);
const PART = "2".repeat(32);
const HALF = `${"0".repeat(16)}${"1".repeat(16)}`;
const WINDOW = { projectId: 1, fromMs: TEST_EPOCH_MS - 1_000, toMs: TEST_EPOCH_MS + 1_000 };

beforeAll(async () => {
  await storeRecords(db, { spans: drawRecords("build index   |---------|   @main\n  read   |--|   @main", { traceId: JOB }) });
  const linksOf = () => Buffer.from([0x6a, 0x00]);
  await storeRecords(db, { spans: drawRecords("index part 0   |--|   @w0", { traceId: PART, starts: false }), linksOf });
  await db.$client.query(`update trace set root_span_id = record.span_id
    from span_record as record where record.trace_id = trace.trace_id and record.parent_span_id is null`);
});

test("the roots of traces of a service, with whether they are linked: what may have started a worker", async () => {
  const rows = await listRootRecords(db, { ...WINDOW, services: ["shop"], limit: 10 });
  expect(new Set(rows.map(({ traceId, name, hasLinks: linked }) => `${traceId} ${name} ${linked}`))).toEqual(
    new Set([`${JOB} build index false`, `${PART} index part 0 true`]),
  );
  expect(await listRootRecords(db, { ...WINDOW, services: ["other"], limit: 10 })).toEqual([]);
  expect(await hasLinks(db, 1, PART, spanIdOf("index part 0"))).toBe(true);
  expect(await hasLinks(db, 1, JOB, spanIdOf("build index"))).toBe(false);
});

test("the other half of a request whose trace id was cut", async () => {
  const asked = { ...WINDOW, traceId: HALF, spanIds: [spanIdOf("read"), spanIdOf("nowhere")] };
  expect(await findSameLowIds(db, asked)).toEqual({ traceId: JOB, spanIds: [spanIdOf("read")] });
  expect(await findSameLowIds(db, { ...asked, spanIds: [spanIdOf("nowhere")] })).toBeNull();
  expect(await findSameLowIds(db, { ...asked, traceId: `${"0".repeat(16)}${"3".repeat(16)}` })).toBeNull();
});

test("neighbours are the processes of a service heard of lately; spans without attributes have no call site", async () => {
  const asked = { projectId: 1, services: ["shop"], limit: 10 };
  expect(await listRecentProcessIds(db, { ...asked, sinceMs: TEST_EPOCH_MS })).toHaveLength(2);
  expect(await listRecentProcessIds(db, { ...asked, sinceMs: TEST_EPOCH_MS + 60_000 })).toEqual([]);
  expect(await listLatestProcessIds(db, { projectId: 1, sinceMs: TEST_EPOCH_MS, limit: 10 })).toHaveLength(2);
  expect(await listLatestProcessIds(db, { projectId: 1, sinceMs: TEST_EPOCH_MS, limit: 1 })).toHaveLength(1);
  expect(await listLatestProcessIds(db, { projectId: 2, sinceMs: TEST_EPOCH_MS, limit: 10 })).toEqual([]);
  expect(await listFirstAttributes(db, 1, [{ traceId: JOB, spanId: spanIdOf("read") }])).toEqual([]);
});

import { afterAll, expect, test } from "vitest";
import { createTestDatabase } from "@/db/testing/database";
import { storeRecords } from "@/db/testing/factories";
import { drawRecords } from "@/lib/testing/draw-trace";
import { drawEvidence } from "@/lib/testing/evidence";
import { ConcurrentRoots } from "./load-concurrent-roots";

const database = await createTestDatabase();
const { db } = database;
afterAll(() => database.close());

const PROJECT = 1;
const TRACES = ["1", "2", "3"].map((digit) => digit.repeat(32));

test("traces that are looked at together see each other's roots and not their own, as they would alone", async () => {
  for (const traceId of TRACES) await storeRecords(db, { spans: drawRecords("job   |-----|", { traceId, starts: false }) });
  await db.$client.query(
    `update trace set root_span_id = (select span_id from span_record where span_record.trace_id = trace.trace_id limit 1)`,
  );
  const evidence = TRACES.map((traceId) => drawEvidence("job   |-----|", { traceId, starts: false, nowMs: 60_000 }));
  const shared = new ConcurrentRoots(db, PROJECT);
  for (const one of evidence) {
    const [together, alone] = await Promise.all([shared.beside(one), new ConcurrentRoots(db, PROJECT).beside(one)]);
    expect(together.map(({ traceId }) => traceId).sort()).toEqual(TRACES.filter((traceId) => traceId !== one.traceId));
    expect(together).toEqual(alone);
  }
});

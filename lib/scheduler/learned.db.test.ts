import { afterAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase } from "@/db/testing/database";
import { storeRecords } from "@/db/testing/factories";
import { diagnose } from "@/lib/diagnosis/diagnose";
import { type DrawingOptions, drawLogs, drawRecords } from "@/lib/testing/draw-trace";
import { TEST_EPOCH_MS } from "@/lib/testing/spans";
import { Learned } from "./learned";
import { Lease } from "./lease";
import { loadEvidence } from "./load-evidence";

const database = await createTestDatabase();
const { db } = database;
afterAll(() => database.close());
beforeEach(async () => {
  await db.$client.query(
    "truncate span_record, log_record, trace, process, connection, connection_process, span_baseline, worker_habit, lease",
  );
});

const SETTINGS = { settleMs: 3_000, staleAfterMs: 600_000 };
const clock = () => TEST_EPOCH_MS + 60_000;
const idOf = (number: number) => number.toString(16).padStart(32, "a");

/** One settled run of a program: what is found in it, and, with `learned`, what is remembered of it. */
async function run(number: number, drawing: string, learned?: Learned, options: DrawingOptions = {}) {
  const traceId = idOf(number);
  const all = { traceId, starts: false, ...options };
  await storeRecords(db, { spans: drawRecords(drawing, all), logs: drawLogs(drawing, all) });
  const [evidence] = await loadEvidence(db, 1, [traceId], SETTINGS, clock);
  if (!evidence) throw new Error("nothing is stored");
  const { findings } = diagnose(evidence);
  learned?.note(1, evidence, findings);
  return findings.filter(({ severity }) => severity !== "info");
}

async function flushed(learned: Learned): Promise<void> {
  const lease = new Lease(db, "one");
  expect(await lease.keep(clock())).toBe(true);
  await learned.flush(db, lease, clock(), true);
  await lease.release();
}

const logHabits = async () =>
  (
    await db.$client.query(
      "select name, log_spans::int4 as spans, with_logs::int4 as with_logs, log_count::int4 as logs, without_in_a_row::int4 as row from span_baseline",
    )
  ).rows;

test("what earlier runs logged is remembered over a restart, and a run without a log is told against it, and does not spoil it", async () => {
  const before = new Learned();
  for (let i = 0; i < 30; i++) expect(await run(i, "import row    |-*-*-|", before)).toEqual([]);
  await flushed(before);
  expect(await logHabits()).toEqual([{ name: "import row", spans: 30, with_logs: 30, logs: 60, row: 0 }]);

  const after = new Learned();
  const findings = await run(30, "import row    |-----|", after);
  expect(findings).toMatchObject([{ kind: "span-without-logs", certainty: "likely" }]);
  expect(findings[0]?.evidence[0]?.sentence.args).toMatchObject({ logs: 2, count: 30, spans: 31 });
  await flushed(after);
  expect(await logHabits()).toEqual([{ name: "import row", spans: 30, with_logs: 30, logs: 60, row: 1 }]);
  expect(await run(30, "import row    |-----|")).toMatchObject([{ kind: "span-without-logs" }]);
});

test("a trace that goes on for longer than it is kept is not called an orphan for what was deleted of it", async () => {
  const orphan = "(serve)\n  query   |---|   @w1";
  await run(1, orphan);
  await db.$client.query("update connection set closed_ms = $1, closed_by = 'client'", [TEST_EPOCH_MS + 3_000]);
  expect(await run(1, orphan)).toMatchObject([{ kind: "orphaned-span" }]);
  await db.$client.query("update trace set first_received_ms = first_received_ms - $1::int8", [8 * 24 * 3_600_000]);
  expect(await run(1, orphan)).toEqual([]);
});

test("a service that never logs is told nothing, however much it sends", async () => {
  const learned = new Learned();
  for (let i = 0; i < 30; i++) await run(i, "import row    |-----|", learned);
  await flushed(learned);
  expect(await logHabits()).toMatchObject([{ spans: 0, with_logs: 0 }]);
  expect(await run(30, "import row    |-----|")).toEqual([]);
});

test("which numbers the workers of earlier runs had is remembered, the newest first and no more than twenty", async () => {
  const fleet = (numbers: number[], at: number) =>
    `all    |-----------|   @main-${at}\n${numbers.map((i) => `  fetch ${i}    |---|    @w${i}-${at}`).join("\n")}`;
  for (let i = 0; i < 6; i++) {
    const learned = new Learned();
    for (let j = 0; j < 4; j++) expect(await run(4 * i + j, fleet([0, 1, 2, 3, 4], 4 * i + j), learned)).toEqual([]);
    await flushed(learned);
  }
  const { rows } = await db.$client.query("select service, parent, template, runs from worker_habit");
  expect(rows).toEqual([{ service: "shop", parent: "all", template: "fetch #", runs: Array.from({ length: 20 }, () => "0-4") }]);

  const [finding] = await run(99, fleet([0, 1, 3, 4], 99));
  expect(finding).toMatchObject({ kind: "silent-worker", certainty: "likely" });
  expect(finding?.evidence.map(({ sentence }) => sentence.args)).toContainEqual({ runs: 20, all: 20, usual: "0-4" });
});

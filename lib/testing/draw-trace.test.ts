import { expect, test } from "vitest";
import { msOf } from "@/lib/otel/time";
import { drawLogs, drawRecords, drawTrace } from "./draw-trace";
import { ownIdOf, spanIdOf, TEST_EPOCH_MS } from "./spans";

const DRAWING = `
  checkout          |-------------------|      @web
    charge             |..+....
    job#1              |--*--|                 @jobs/worker-1
    (batch)
      report             |----|
  stray               |--|                     <- somewhere else  @jobs/worker-2 server remote error
`;

test("indentation is parentage, a column is a ms, dots are open, brackets were never sent", () => {
  const spans = new Map(drawTrace(DRAWING).map((span) => [span.spanId, span]));
  const shown = [...spans.values()].map((span) => [
    span.name,
    span.parentSpanId,
    msOf(span.startTimeUnixNano) - TEST_EPOCH_MS,
    span.endTimeUnixNano === null ? null : msOf(span.endTimeUnixNano) - TEST_EPOCH_MS,
    span.service,
    span.processId,
  ]);
  expect(shown).toEqual(
    expect.arrayContaining([
      ["checkout", null, 0, 20, "shop", ownIdOf("web")],
      ["charge", spanIdOf("checkout"), 3, null, "shop", ownIdOf("web")],
      ["job", spanIdOf("checkout"), 3, 9, "jobs", ownIdOf("worker-1")],
      ["report", spanIdOf("batch"), 5, 10, "shop", ownIdOf("web")],
      ["stray", spanIdOf("somewhere else"), 2, 5, "jobs", ownIdOf("worker-2")],
    ]),
  );
  expect(shown).toHaveLength(5);
  expect(spans.get(spanIdOf("stray"))).toMatchObject({ kind: "server", statusCode: "error", flags: 0x300 });
});

test("records arrive in order of time, starts first; heartbeats and logs are where they are drawn", () => {
  const records = drawRecords(DRAWING);
  expect(records.map((record) => record.receivedMs)).toEqual(records.map((record) => record.receivedMs).sort((a, b) => a - b));
  expect(records.filter((record) => record.name === "charge").map((record) => [record.phase, record.receivedMs - TEST_EPOCH_MS])).toEqual([
    ["start", 4],
    ["heartbeat", 7],
  ]);
  expect(drawLogs(DRAWING)).toMatchObject([{ spanId: spanIdOf("job#1"), receivedMs: TEST_EPOCH_MS + 7 }]);
});

test("an SDK that reports only ends sends no starts, except of what stays open", () => {
  expect(
    drawRecords(DRAWING, { starts: false })
      .filter((record) => record.phase === "start")
      .map((record) => record.name),
  ).toEqual(["charge"]);
});

test("a line that cannot be read fails loudly instead of drawing something else", () => {
  expect(() => drawTrace("just words")).toThrow("just words");
  expect(() => drawTrace("a |--| sevrer")).toThrow("sevrer");
});

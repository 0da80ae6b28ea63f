import { describe, expect, test } from "vitest";
import { drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { childOutlivesParent } from "./child-outlives-parent";
import { closedAtExit } from "./closed-at-exit";

const options = { msPerColumn: 10, settings: { settleMs: 3_000 } };
const find = (drawing: string, nowMs = 60_000) => childOutlivesParent.find(drawEvidence(drawing, { nowMs, ...options }));
const UPLOAD = `
  handle upload   |------|
    make thumbnail    |---------|
`;

test("work that went on after its parent had ended is told as info", () => {
  expect(find(UPLOAD).findings).toMatchObject([
    {
      severity: "info",
      certainty: "proved",
      spanIds: [spanIdOf("make thumbnail")],
      causes: [{ id: "fire-and-forget" }],
      title: { args: { duration: 70, parent: "handle upload" } },
    },
  ]);
});

test("a thousand of them are one finding with the longest first, not a thousand", () => {
  const lines = Array.from({ length: 1_200 }, (_, i) => `${`  part#${i}`.padEnd(18)}|${"-".repeat(i === 700 ? 30 : 20)}|`);
  const { findings } = find(`handle upload   |------------|\n${lines.join("\n")}`);
  expect(findings).toMatchObject([{ count: 1_200, title: { args: { others: 1_199 } } }]);
  expect(findings[0]?.spanIds).toHaveLength(1_000);
  expect(findings[0]?.spanIds[0]).toBe(spanIdOf("part#700"));
});

test("a worker that outlives its parent's span on one host is likely: two processes read that clock", () => {
  const processes = ["main", "w1"].map((label) => processEvidence(label, { host: "host-1" }));
  const drawing = "all   |----|             @main\n  part   |-------------|   @w1  remote";
  expect(childOutlivesParent.find(drawEvidence(drawing, { nowMs: 60_000, processes, ...options })).findings).toMatchObject([
    { certainty: "likely", advice: [{ id: "A3" }, { id: "A8" }] },
  ]);
});

test("it waits until the trace is settled: a later end of the parent may take it back", () => {
  expect(find(UPLOAD, 200)).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
});

describe("what has another name", () => {
  test("work that began only after the parent's end", () => expect(find("order   |--|\n  mail        |---|").findings).toEqual([]));
  test("work that has not ended", () => expect(find("order   |--|\n  mail    |......").findings).toEqual([]));
  test("messages, and servers that go on after they have answered", () => {
    expect(find("put   |--|  producer\n  run   |------|").findings).toEqual([]);
    expect(find("put   |--|\n  run   |------|  consumer  @w1").findings).toEqual([]);
    expect(find("call   |--|  client\n  serve   |------|  server  @w1").findings).toEqual([]);
  });
  test("hosts with clocks of their own", () => {
    const processes = [processEvidence("main", { host: "a" }), processEvidence("w1", { host: "b" })];
    const drawing = "all   |----|   @main\n  part   |------|  @w1";
    expect(childOutlivesParent.find(drawEvidence(drawing, { nowMs: 60_000, processes, ...options })).findings).toEqual([]);
  });
  test("spans that an exit handler closed parent first", () => {
    const exited = "read       |----------|\n  decode     |---------|";
    const drawn = drawEvidence(exited, { nowMs: 60_000, delayMs: 30, ...options });
    const received = Math.max(...drawn.spans.flatMap(({ records }) => records.map(({ receivedMs }) => receivedMs)));
    for (const span of drawn.spans)
      span.records = span.records.map((record) => (record.phase === "end" ? { ...record, receivedMs: received } : record));
    const process = { ...processEvidence("main", { pid: 7, exitedMs: 500 }), lastReceivedMs: received };
    const evidence = { ...drawn, processes: new Map([[process.processId, process]]) };
    expect(closedAtExit.find(evidence).findings).toHaveLength(1);
    expect(childOutlivesParent.find(evidence).findings).toEqual([]);
  });
});

import { expect, test } from "vitest";
import { drawLogs } from "@/lib/testing/draw-trace";
import { connectionEvidence, drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { ownIdOf, spanIdOf } from "@/lib/testing/spans";
import { staleProcessIdentity } from "./stale-process-identity";

const FORKED = `
  process job    |------------------|     @main  connection=old
    worker 1       |--*----*---|          @main  connection=w1
      read           |---|                @main  connection=w1
`;
const OLD = { userAgent: "logfire/4.20.0", logfireVersion: "4.20.0", serviceInstanceId: "one" };

/** The spans as drawn; the logs say that the process `writer` wrote them, on the connection on which the spans came. */
function find(changes: { instance?: string; pid?: number; logsOn?: string } = {}) {
  const { instance = "one", pid = 7, logsOn = "w1" } = changes;
  const logRecords = drawLogs(FORKED).map((log) => ({ ...log, processId: ownIdOf("writer"), connectionId: ownIdOf(logsOn) }));
  const main = processEvidence("main", {
    ...OLD,
    pid: 1,
    connections: [connectionEvidence("old", { openedMs: 0 }), connectionEvidence("w1", { openedMs: 3 })],
  });
  const writer = processEvidence("writer", {
    ...OLD,
    serviceInstanceId: instance,
    pid,
    connections: [connectionEvidence(logsOn, { openedMs: 3 })],
  });
  return staleProcessIdentity.find(drawEvidence(FORKED, { nowMs: 60_000, logRecords, processes: [main, writer] })).findings;
}

test("a forked child whose spans carry its parent's pid is told once, with whose spans they are: its logs say so", () => {
  expect(find()).toMatchObject([
    {
      severity: "info",
      certainty: "likely",
      spanIds: [spanIdOf("worker 1"), spanIdOf("read")],
      count: 2,
      processId: ownIdOf("writer"),
      causes: [{ id: "stale-process-attributes" }],
      title: { args: { process: "pid 7", parent: "pid 1" } },
      advice: [{ id: "A42" }, { id: "A5" }],
    },
  ]);
});

test("logs of another program, of the same pid, or that came another way say nothing of the span", () => {
  expect(find({ instance: "another" })).toEqual([]);
  expect(find({ pid: 1 })).toEqual([]);
  expect(find({ logsOn: "elsewhere" })).toEqual([]);
});

test("a span whose logs are its own process's is as it says", () => {
  expect(staleProcessIdentity.find(drawEvidence("job |-*--*-| @main\n  step |-*-| @w1", { nowMs: 60_000 })).findings).toEqual([]);
});

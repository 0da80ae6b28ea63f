import { describe, expect, test } from "vitest";
import type { LogRecord } from "@/lib/otel/log-record";
import { unixNanoOfMs } from "@/lib/otel/time";
import { connectionEvidence, drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { logRecord, ownIdOf, spanIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { truncatedWorker } from "./truncated-worker";

const LOADERS = `
  load tables   |--------------------------------------------------|     @main
    load 1        |----------------------------------------------|       @w1
    load 2        |---------------------------------------------|        @w2
    load 3        |------|                                               @w3
`;
const says = (worker: string, message: string, atMs: number): LogRecord =>
  logRecord({
    processId: ownIdOf(worker),
    connectionId: ownIdOf(worker),
    message,
    template: null,
    spanId: null,
    timeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + atMs),
  });
const CLOSING = [
  says("w1", "loader 1: closing", 4_800),
  says("w2", "loader 2: closing", 4_700),
  says("w3", "loader 3: batch 2 stored", 800),
];
const killed = processEvidence("w3", {
  lastReceivedMs: 900,
  longestPauseMs: 100,
  connections: [connectionEvidence("w3", { lastReceivedMs: 900, closedMs: 1_000 })],
});
const living = ["main", "w1", "w2"].map((label) => processEvidence(label, { lastReceivedMs: 5_100 }));
const find = (logRecords: LogRecord[], processes = [...living, killed], drawing = LOADERS) =>
  truncatedWorker.find(drawEvidence(drawing, { nowMs: 60_000, starts: false, msPerColumn: 100, processes, logRecords })).findings;

test("a worker that falls silent long before its like, without their closing line, was cut off", () => {
  expect(find(CLOSING)).toMatchObject([
    {
      severity: "error",
      certainty: "likely",
      processId: ownIdOf("w3"),
      title: { args: { line: "loader #: closing", count: 2 } },
      causes: [{ id: "process-died" }, {}],
    },
  ]);
});

describe("what is no cut", () => {
  test("a worker that was done early and said so", () => {
    expect(find([...CLOSING.slice(0, 2), says("w3", "loader 3: closing", 800)])).toEqual([]);
  });
  test("workers that end with lines of their own", () => {
    expect(find([says("w1", "one", 4_800), says("w2", "two", 4_700), says("w3", "three", 800)])).toEqual([]);
  });
  test("a worker that is only a little earlier", () => {
    const late = LOADERS.replace("load 3        |------|", "load 3        |----------------------------------------|");
    expect(find(CLOSING, [...living, killed], late)).toEqual([]);
  });
  test("a worker that was done early and left in order, whatever it said last", () => {
    const left = processEvidence("w3", {
      lastReceivedMs: 900,
      longestPauseMs: 100,
      connections: [connectionEvidence("w3", { lastReceivedMs: 900, closedMs: 905 })],
    });
    expect(find(CLOSING, [...living, left])).toEqual([]);
  });
  test("… but spans that were flushed at the exit say nothing of the logs, which leave by a way of their own", () => {
    const left = processEvidence("w3", {
      lastReceivedMs: 1_000,
      longestPauseMs: 100,
      connections: [
        connectionEvidence("w3 logs", { lastReceivedMs: 800, closedMs: 1_001 }),
        connectionEvidence("w3", { lastReceivedMs: 1_000, closedMs: 1_001 }),
      ],
    });
    const logs = CLOSING.map((log) => (log.processId === ownIdOf("w3") ? { ...log, connectionId: ownIdOf("w3 logs") } : log));
    expect(find(logs, [...living, left])).toHaveLength(1);
  });
  test("a worker of Logfire whose span has ended, where the others say their line within theirs", () => {
    const within = CLOSING.map((log, i) => ({ ...log, connectionId: log.processId, spanId: spanIdOf(`load ${i + 1}`) }));
    expect(find(within)).toEqual([]);
    // Said after their spans, it may have been cut off after its own.
    expect(find(CLOSING)).toHaveLength(1);
  });
  test("a worker whose process goes on", () => {
    expect(find(CLOSING, [...living, processEvidence("w3", { lastReceivedMs: 900, longestPauseMs: 100 })])).toEqual([]);
  });
  test("a worker with a span open of which it is not yet clear what became: that is said first", () => {
    const connections = [connectionEvidence("collector", { direct: false })];
    const silent = processEvidence("w3", { lastReceivedMs: 8_500, longestPauseMs: 1_000, connections });
    const closing = [says("w1", "loader 1: closing", 47_000), says("w2", "loader 2: closing", 46_000), says("w3", "batch 2 stored", 8_000)];
    const evidence = (drawing: string) =>
      drawEvidence(drawing, { nowMs: 86_000, msPerColumn: 1_000, processes: [...living, silent], logRecords: closing });
    expect(truncatedWorker.find(evidence(LOADERS)).findings).toHaveLength(1);
    expect(truncatedWorker.find(evidence(LOADERS.replace("|------|  ", "|......  "))).findings).toEqual([]);
  });
  test("a worker that left a span open: that is said as abandoned-span", () => {
    expect(find(CLOSING, [...living, killed], LOADERS.replace("|------|  ", "|......  "))).toEqual([]);
  });
});

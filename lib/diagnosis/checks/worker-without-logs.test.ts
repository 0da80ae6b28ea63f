import { describe, expect, test } from "vitest";
import type { LogRecord } from "@/lib/otel/log-record";
import { drawLogs } from "@/lib/testing/draw-trace";
import { drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { ownIdOf } from "@/lib/testing/spans";
import { workerWithoutLogs } from "./worker-without-logs";

/** Programs whose logs leave by a way of their own. */
const OTEL = ["main", "w0", "w1", "w2", "w3"].map((label) =>
  processEvidence(label, { userAgent: "OTel-OTLP-Exporter-Python/1.44.0", logfireVersion: null }),
);
const find = (drawing: string, nowMs = 60_000, processes = OTEL) =>
  workerWithoutLogs.find(drawEvidence(drawing, { nowMs, starts: false, processes })).findings;

test("a worker without a log where each of its like sent several", () => {
  expect(
    find(`
      pack         |----------------|     @main
        pack 0       |-*-*-|              @w0
        pack 1       |-*--*-|             @w1
        pack 2       |-----|              @w2
    `),
  ).toMatchObject([
    {
      severity: "error",
      certainty: "likely",
      processId: ownIdOf("w2"),
      causes: [{ id: "sdk-not-configured" }, { id: "logs-not-flushed" }],
    },
  ]);
});

describe("what is no loss", () => {
  test("a service that sends no logs at all", () => {
    expect(find("pack   |------|   @main\n  p 0   |--|   @w0\n  p 1   |--|   @w1\n  p 2   |--|   @w2")).toEqual([]);
  });
  test("a single line of one sibling", () => {
    expect(find("pack   |------|   @main\n  p 0   |-*|   @w0\n  p 1   |-*|   @w1\n  p 2   |--|   @w2")).toEqual([]);
  });
  test("most workers without logs: then logging is the exception", () => {
    expect(find("pack   |---|  @main\n  p 0   |**|  @w0\n  p 1   |**|  @w1\n  p 2   |--|  @w2\n  p 3   |--|  @w3")).toEqual([]);
  });
  test("a branch that logs nothing, where one queue holds logs and spans in order: who has the span's end has its logs", () => {
    expect(find("pack   |------|   @main\n  p 0   |**|   @w0\n  p 1   |**|   @w1\n  p 2   |--|   @w2", 60_000, [])).toEqual([]);
  });
  test("… behind a Collector too, where Logfire's logs are told by their form", () => {
    const drawing = "pack   |------|   @main\n  p 0   |**|   @w0\n  p 1   |**|   @w1\n  p 2   |--|   @w2   no-start";
    const processes = ["main", "w0", "w1", "w2"].map((label) => processEvidence(label, { userAgent: "OpenTelemetry Collector/0.150.0" }));
    const pooled = drawLogs(drawing).map((log) => ({ ...log, connectionId: ownIdOf("pool") }));
    const look = (logRecords: LogRecord[]) =>
      workerWithoutLogs.find(drawEvidence(drawing, { nowMs: 60_000, logRecords, processes })).findings;
    expect(look(pooled)).toHaveLength(1);
    expect(look(pooled.map((log) => ({ ...log, severityText: null })))).toEqual([]);
  });
  test("a worker that is not done", () => {
    expect(find("pack   |------|   @main\n  p 0   |**|   @w0\n  p 1   |**|   @w1\n  p 2   |..    @w2")).toEqual([]);
  });
  test("before the settling time", () => {
    expect(find("pack   |------|   @main\n  p 0   |**|   @w0\n  p 1   |**|   @w1\n  p 2   |--|   @w2", 1_000)).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { sender, sourceEvidence } from "@/lib/testing/source-evidence";
import { ownIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import type { Sender } from "../source-check";
import { droppedBySdk } from "./dropped-by-sdk";

const metric = (name: string, value: number, attributes: Record<string, string> = {}) => ({ name, value, attributes, receivedMs: 500 });
const PROCESSED = "otel.sdk.processor.span.processed";
const EXPORTED = "otel.sdk.exporter.span.exported";
const find = (...senders: Sender[]) => droppedBySdk.find(sourceEvidence({ nowMs: 5_000, senders })).findings;

describe("what an SDK says that it dropped", () => {
  /**
   *   otel.sdk.processor.span.processed                         481
   *   otel.sdk.processor.span.processed{error.type=queue_full}   22
   */
  test("because its queue was full is an error, with its own count", () => {
    const metrics = [metric(PROCESSED, 481), metric(PROCESSED, 22, { "error.type": "queue_full" })];
    expect(find(sender("main", { metrics }))).toMatchObject([
      {
        severity: "error",
        certainty: "proved",
        count: 22,
        causes: [{ id: "queue-overflow" }],
        processId: ownIdOf("main"),
        traceId: null,
        lastEvidenceMs: TEST_EPOCH_MS + 500,
      },
    ]);
  });

  test("because its exporter gave up is an error", () => {
    const metrics = [metric(EXPORTED, 40), metric(EXPORTED, 12, { "error.type": "503" })];
    expect(find(sender("main", { metrics }))).toMatchObject([{ severity: "error", count: 12, causes: [{ id: "batch-lost" }] }]);
  });

  test("of attributes, events and links is a warning: the spans are here", () => {
    expect(find(sender("main", { trimmedSpans: 3 }))).toMatchObject([{ severity: "warning", count: 3, causes: [{ id: "span-limits" }] }]);
  });

  test("as a Collector: full queues and failed sends are errors, refusals may have been sent again", () => {
    const metrics = [
      metric("otelcol_exporter_enqueue_failed_spans", 7),
      metric("otelcol_exporter_send_failed_spans", 5, { exporter: "otlp" }),
      metric("otelcol_receiver_refused_spans", 9),
    ];
    expect(find(sender("collector", { metrics })).map(({ severity, count }) => `${severity} ${count}`)).toEqual([
      "error 7",
      "error 5",
      "warning 9",
    ]);
  });
});

describe("nothing is said", () => {
  test("of counters that count what went well, or nothing", () => {
    expect(find(sender("main", { metrics: [metric(PROCESSED, 481), metric(PROCESSED, 0, { "error.type": "queue_full" })] }))).toEqual([]);
    expect(find(sender("main"))).toEqual([]);
  });

  test("of an exporter among several: it may be the one to another place that failed", () => {
    const here = { "otel.component.name": "otlp_http_span_exporter/0" };
    const there = { "otel.component.name": "otlp_http_span_exporter/1", "error.type": "timeout" };
    expect(find(sender("main", { metrics: [metric(EXPORTED, 40, here), metric(EXPORTED, 12, there)] }))).toEqual([]);
  });

  test("twice, where a forked child goes on counting from its parent's numbers", () => {
    const metrics = [metric(PROCESSED, 22, { "error.type": "queue_full" })];
    const shared = { serviceInstanceId: "one", metrics };
    const child = sender("child", { ...shared, pid: 2, firstReceivedMs: 100 });
    expect(find(sender("main", { ...shared, pid: 1 }), child)).toMatchObject([{ count: 22, processId: ownIdOf("main") }]);
  });
});

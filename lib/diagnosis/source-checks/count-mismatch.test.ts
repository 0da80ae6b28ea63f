import { expect, test } from "vitest";
import { sender, sourceEvidence } from "@/lib/testing/source-evidence";
import { ownIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { countMismatch } from "./count-mismatch";

const metric = (name: string, value: number, attributes: Record<string, string> = {}) => ({ name, value, attributes, receivedMs: 500 });
const EXPORTED = "otel.sdk.exporter.span.exported";
const STARTED = metric("otel.sdk.span.started", 503, { "otel.span.sampling_result": "RECORD_AND_SAMPLE" });
const ENDED = { closedMs: 1_000, lastReceivedMs: 900 };
const look = (senders: ReturnType<typeof sender>[], nowMs = 20_000) => countMismatch.find(sourceEvidence({ nowMs, senders }));
const find = (senders: ReturnType<typeof sender>[]) => look(senders).findings;

/**
 *   otel.sdk.exporter.span.exported        503
 *   received                               481        22 were taken by somebody on the way, and lost
 */
test("a process that sent more than arrived is told with both numbers, once it has ended", () => {
  const process = { endedSpans: 481, metrics: [STARTED, metric(EXPORTED, 503)] };
  expect(find([sender("main", { ...process, ...ENDED })])).toMatchObject([
    { severity: "error", certainty: "proved", count: 22, causes: [{ id: "batch-lost" }], processId: ownIdOf("main") },
  ]);
  expect(find([sender("main", process)])).toEqual([]);
  const early = look([sender("main", { ...process, ...ENDED })], 1_200);
  expect(early.findings).toEqual([]);
  expect(early.lookAgainAtMs).toBeGreaterThan(TEST_EPOCH_MS + 1_200);
});

test("a process that ended with spans in its queue is told by their number", () => {
  const metrics = [STARTED, metric("otel.sdk.processor.span.queue.size", 31)];
  expect(find([sender("main", { endedSpans: 481, metrics, ...ENDED })])).toMatchObject([
    { count: 22, causes: [{ id: "exited-without-flush" }] },
  ]);
});

test("nothing is said where a filter, another aim, or a fork explains it", () => {
  const of = (metrics: ReturnType<typeof metric>[], endedSpans = 481) => sender("main", { endedSpans, metrics, ...ENDED });
  expect(find([of([STARTED, metric(EXPORTED, 481)])])).toEqual([]);
  expect(find([of([metric(EXPORTED, 503)], 0)])).toEqual([]);
  expect(
    find([of([metric(EXPORTED, 503, { "otel.component.name": "a" }), metric(EXPORTED, 503, { "otel.component.name": "b" })])]),
  ).toEqual([]);
  expect(find([of([metric(EXPORTED, 22, { "error.type": "503" }), metric(EXPORTED, 481)])])).toEqual([]);
  expect(find([of([metric(EXPORTED, 503)]), sender("parent", { firstReceivedMs: -100, lastReceivedMs: 950 })])).toEqual([]);
});

import { describe, expect, test } from "vitest";
import { connectionEvidence, drawEvidence, type EvidenceOptions, processEvidence } from "@/lib/testing/evidence";
import { ownIdOf, spanIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { diagnose } from "../diagnose";
import { lostBatch } from "./lost-batch";

/** Columns of 100 ms; the start of `step` lay in the one batch that was lost. */
const DRAWING = `
  job              |------------------|     @w1
    (step)                                  @w1
      read           |---|                  @w1
    store                    |---|          @w1
`;
const THREE_MINUTES = 180_000;
const find = (drawing = DRAWING, options: Partial<EvidenceOptions> = {}) =>
  lostBatch.find(drawEvidence(drawing, { nowMs: THREE_MINUTES + 5_000, msPerColumn: 100, ...options }));
const withLog = (flags: number) => {
  const evidence = drawEvidence("job   |------------------|   @w1\n  (step)     |-*-|   @w1", {
    nowMs: THREE_MINUTES + 5_000,
    msPerColumn: 100,
  });
  return lostBatch.find({ ...evidence, logRecords: evidence.logRecords.map((log) => ({ ...log, flags })) });
};

test("a span that only its child speaks of, while later batches of its process came, was in a batch that was lost", () => {
  expect(find().findings).toMatchObject([
    {
      severity: "error",
      certainty: "proved",
      missingSpanId: spanIdOf("step"),
      spanIds: [spanIdOf("read")],
      processId: ownIdOf("w1"),
      count: 1,
      causes: [{ id: "batch-lost" }, { id: "filtered" }],
    },
  ]);
});

test("it is said once, not also as an orphan", () => {
  const evidence = drawEvidence(DRAWING, { nowMs: THREE_MINUTES + 5_000, msPerColumn: 100 });
  expect(diagnose(evidence).findings.map(({ kind }) => kind)).toEqual(["lost-batch"]);
});

test("a span that only its logs speak of is as lost, where the logs take the way of the spans", () => {
  expect(withLog(0x100).findings).toMatchObject([{ missingSpanId: spanIdOf("step"), count: 1 }]);
});

test("a start that did not come before what happened in its span, though the end did, is likely lost", () => {
  const late = `
    job              |-----------------------------------|     @w1
      step             |----------------------------|          @w1  no-start
        read             |---|                                 @w1
  `;
  expect(find(late).findings).toMatchObject([{ certainty: "likely", spanIds: [spanIdOf("step")], missingSpanId: null }]);
});

test("nothing is said before a batch can have been sent again, and at once where its process has ended", () => {
  expect(find(DRAWING, { nowMs: 60_000 })).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
  const gone = processEvidence("w1", {
    lastReceivedMs: 1_901,
    connections: [connectionEvidence("w1", { lastReceivedMs: 1_901, closedMs: 5_000 })],
  });
  expect(find(DRAWING, { nowMs: 60_000, processes: [gone] })).toMatchObject({
    findings: [{ certainty: "likely" }],
    lookAgainAtMs: TEST_EPOCH_MS + 601 + THREE_MINUTES,
  });
});

test("it is proved only with two batches after it, one gap, and a root of the same process", () => {
  expect(find("job    |......    @w1\n  (step)\n    read   |---|   @w1").findings).toMatchObject([{ certainty: "likely" }]);
  const twoGaps = `
    job              |---------------------------|     @w1
      (step 1)                                         @w1
        read 1         |---|                           @w1
      (step 2)                                         @w1
        read 2                 |---|                   @w1
      store                          |---|             @w1
  `;
  expect(find(twoGaps).findings).toMatchObject([{ certainty: "likely", count: 2 }]);
});

describe("what is no lost batch", () => {
  const as = (changes: Parameters<typeof processEvidence>[1]) =>
    find(DRAWING, { processes: [processEvidence("w1", { lastReceivedMs: 1_901, ...changes })] });
  test("a parent that came by itself", () => expect(find(DRAWING.replace("(step)   ", "step   |------|")).findings).toEqual([]));
  test("the parent of an SDK that reports only ends", () => {
    expect(as({ userAgent: "OTel-OTLP-Exporter-Python/1.44.0", logfireVersion: null }).findings).toEqual([]);
  });
  test("a JavaScript SDK, which sends its batches side by side", () => {
    expect(as({ userAgent: "logfire-js/0.18.17", sdkLanguage: "nodejs", sdkName: "logfire", logfireVersion: null }).findings).toEqual([]);
  });
  test("a Collector on the way, which may send them in any order", () => {
    expect(as({ connections: [connectionEvidence("w1", { direct: false })] }).findings).toEqual([]);
  });
  test("a forked child that carries its parent's identity", () => {
    expect(as({ userAgent: "logfire/4.30.0", logfireVersion: "4.30.0" }).findings).toEqual([]);
  });
  test("a parent that a forked child inherited: it is another process's", () => {
    const forked = `
      job              |------------------|     @main
        (step)                                  @main
          read           |---|                  @w1
    `;
    expect(find(forked).findings).toEqual([]);
  });
  test("a parent that another process handed over", () =>
    expect(find(DRAWING.replace("|---|                  @w1", "|---|                  @w1 remote")).findings).toEqual([]));
  test("a child that has not ended: its start calls every parent local", () => {
    expect(find(DRAWING.replace("|---|                  @w1", "|....                  @w1")).findings).toEqual([]);
  });
  test("a log that takes a way of its own, not the spans'", () => expect(withLog(1).findings).toEqual([]));
  test("start and end in one batch, from which Logfire leaves the start out", () => {
    expect(
      find(`
      job              |-----------------------------------|     @w1
        step             |----------------------------|          @w1  no-start  request=one
          read                                   |---|           @w1  request=one
    `).findings,
    ).toEqual([]);
  });
  test("work that outlived its span and came first, because the batch before it was sent again", () => {
    expect(
      find(`
      job              |-----------------------------------|     @w1
        step             |------------------|                    @w1  no-start  late=9000
          read                           |-----|                 @w1
    `).findings,
    ).toEqual([]);
  });
  test("spans too short for a start of their own", () => {
    expect(find("job   |---------------------|   @w1\n  step   |------------|   @w1 no-start\n    read   |-|   @w1").findings).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { connectionEvidence, drawEvidence, type EvidenceOptions, processEvidence } from "@/lib/testing/evidence";
import { logRecord, ownIdOf, spanIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { diagnose } from "../diagnose";
import { orphanedLog } from "./orphaned-log";

const DRAWING = `
  import           |-----------|      @w1
    (pack)           |-*--*-|         @w1
`;
const GO = { userAgent: "OTel-OTLP-Exporter-Go/1.47.0", sdkLanguage: "go", logfireVersion: null, lastReceivedMs: 12 };
const living = processEvidence("w1", GO);
const gone = (label: string, changes = {}) =>
  processEvidence(label, { ...GO, connections: [connectionEvidence(label, { lastReceivedMs: 12, closedMs: 3_000 })], ...changes });
const find = (options: Partial<EvidenceOptions> = {}, drawing = DRAWING) =>
  orphanedLog.find(drawEvidence(drawing, { nowMs: 120_000, starts: false, processes: [gone("w1")], ...options }));

test("logs of a span that its process took with it are one finding, with the first line and what became of the process", () => {
  const { findings } = find();
  expect(findings).toMatchObject([
    {
      severity: "warning",
      certainty: "likely",
      missingSpanId: spanIdOf("pack"),
      processId: ownIdOf("w1"),
      count: 2,
      title: { args: { count: 2, spans: 1, line: "hello" } },
    },
  ]);
  expect(["exited-without-flush", "process-died"]).toContain(findings[0]?.causes[0]?.id);
});

test("many spans of one process are one finding", () => {
  const many = `
    import           |-----------|      @w1
      (pack 1)         |-*-|            @w1
      (pack 2)           |-*-|          @w1
  `;
  expect(find({}, many).findings).toMatchObject([{ count: 2, spanIds: [spanIdOf("pack 1"), spanIdOf("pack 2")] }]);
});

test("the process itself may never have sent a span: then everything that may own it must have ended", () => {
  const worker = `
    import           |-----------|      @main
      (pack)           |-*--*-|         @w1
  `;
  expect(find({ processes: [gone("main"), gone("w1")] }, worker).findings).toMatchObject([{ processId: ownIdOf("w1") }]);
  expect(find({ processes: [processEvidence("main", GO), gone("w1")] }, worker).findings).toEqual([]);
});

describe("what says nothing", () => {
  test("a log of a span that is still open: its SDK reports it when it ends (L11)", () => {
    expect(find({ processes: [living] }).findings).toEqual([]);
  });
  test("a missing span that other spans name as parent: that is orphaned-span, once", () => {
    const named = `
      import           |-----------|      @w1
        (pack)           |-*--*-|         @w1
          box              |--|           @w1
    `;
    const evidence = drawEvidence(named, { nowMs: 120_000, starts: false, processes: [gone("w1")] });
    expect(diagnose(evidence).findings.map(({ kind, missingSpanId }) => [kind, missingSpanId])).toEqual([
      ["orphaned-span", spanIdOf("pack")],
    ]);
  });
  test("a trace of logs alone: not sampled, or its spans are sent elsewhere", () => {
    expect(find({}, "(pack)    |-*--*-|    @w1").findings).toEqual([]);
  });
  test("logs of a service whose spans are sent elsewhere, in another service's trace", () => {
    const foreign = `
      GET /            |-----------|      @web
        (query)          |-*--*-|         @db/db-1
    `;
    expect(find({ processes: [gone("web"), gone("db-1", { service: "db" })] }, foreign).findings).toEqual([]);
  });
  test("a span that was not sampled, by what its SDK says in the log's flags", () => {
    const at = { processId: ownIdOf("w1"), connectionId: ownIdOf("w1"), receivedMs: TEST_EPOCH_MS + 6 };
    const logRecords = [
      logRecord({ ...at, spanId: spanIdOf("import"), flags: 1 }),
      logRecord({ ...at, spanId: spanIdOf("pack"), flags: 0 }),
    ];
    expect(find({ logRecords }).findings).toEqual([]);
    expect(find({ logRecords: logRecords.map((log) => ({ ...log, flags: 1 })) }).findings).toHaveLength(1);
  });
  test("a Logfire log below a context that another process handed over", () => {
    const handed = logRecord({ processId: ownIdOf("w1"), connectionId: ownIdOf("w1"), spanId: spanIdOf("pack"), flags: 0x300 });
    expect(find({ logRecords: [handed] }).findings).toEqual([]);
    expect(find({ logRecords: [{ ...handed, flags: 0x100 }] }).findings).toHaveLength(1);
  });
  test("a background log after a root that tail sampling had dropped", () => {
    const dropped = `
      (request)
        background     |-----------|      @w1
          (step)         |-*--*-|         @w1
    `;
    expect(orphanedLog.find(drawEvidence(dropped, { nowMs: 120_000 })).findings).toEqual([]);
  });
  test("before the process is known to have ended and the settling time has passed", () => {
    expect(find({ nowMs: 1_000 }).findings).toEqual([]);
    expect(find({ nowMs: 20_000 })).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
  });
  test("a span that arrives after its logs", () => {
    expect(find({}, DRAWING.replace("(pack)", "pack")).findings).toEqual([]);
  });
});

test("where the root has ended and nothing came for ten minutes it is possible", () => {
  expect(find({ processes: [living], nowMs: 590_000 }).findings).toEqual([]);
  expect(find({ processes: [living], nowMs: 601_000 }).findings).toMatchObject([{ certainty: "possible" }]);
});

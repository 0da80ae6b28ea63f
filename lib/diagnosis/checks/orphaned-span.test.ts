import { describe, expect, test } from "vitest";
import { connectionEvidence, drawEvidence, type EvidenceOptions, processEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import type { ProcessEvidence } from "../process-evidence";
import { orphanedSpan } from "./orphaned-span";

const SETTINGS = { settleMs: 3_000 };
const find = (drawing: string, options: EvidenceOptions) =>
  orphanedSpan.find(drawEvidence(drawing, { starts: false, settings: SETTINGS, ...options })).findings;

/** An SDK that reports ends only, of a program that is gone since `closedMs`. */
const NODE = { userAgent: "OTel-OTLP-Exporter-JavaScript/0.223.1", sdkLanguage: "nodejs", logfireVersion: null };
const gone = (label: string, closedMs: number, changes: Partial<ProcessEvidence> = {}): ProcessEvidence =>
  processEvidence(label, {
    ...NODE,
    lastReceivedMs: 20,
    connections: [connectionEvidence(label, { lastReceivedMs: 20, closedMs })],
    ...changes,
  });
const living = (label: string, changes: Partial<ProcessEvidence> = {}): ProcessEvidence => processEvidence(label, { ...NODE, ...changes });

const LOCAL = `
  (batch)
    report#1      |----|        @job
    report#2           |---|    @job
`;

describe("a parent in the same program (O2)", () => {
  test("is lost once its process has ended without sending it: one finding, listing its children", () => {
    const findings = find(LOCAL, { nowMs: 8_000, processes: [gone("job", 300)] });
    expect(findings).toMatchObject([
      {
        severity: "warning",
        certainty: "likely",
        missingSpanId: spanIdOf("batch"),
        count: 2,
        causes: [{ id: "exited-without-flush" }, { id: "process-died" }],
      },
    ]);
    expect(findings[0]?.spanIds).toEqual([spanIdOf("report#1"), spanIdOf("report#2")]);
  });

  test("is an error when its process is proved gone", () => {
    const local = { pid: 7, verifiedBy: "socket" as const, aliveAtMs: 100, goneAtMs: 800 };
    expect(find(LOCAL, { nowMs: 8_000, processes: [gone("job", 300, { local })] })).toMatchObject([
      { severity: "error", certainty: "proved" },
    ]);
  });

  test("is most often still running while its process lives: batch jobs bring their children many seconds before", () => {
    expect(find(LOCAL, { nowMs: 500_000, processes: [living("job")] })).toEqual([]);
  });

  test("may never have been ended where its process closed right after a batch, as an orderly exit does", () => {
    const [finding] = find(LOCAL, { nowMs: 8_000, processes: [gone("job", 25)] });
    expect(finding?.causes.map(({ id }) => id)).toEqual(["exited-without-flush", "process-died", "never-ended"]);
  });

  test("between a root that came and spans that came was filtered, most likely: of an SDK that sends in order it would have come before the root", () => {
    const cache = "GET /item   |-----------|   @web\n(cache)\n  redis GET    |--|   @web";
    const python = { userAgent: "OTel-OTLP-Exporter-Python/1.44.0", sdkLanguage: "python" };
    expect(find(cache, { nowMs: 8_000, processes: [gone("web", 300, python)] })[0]?.causes.map(({ id }) => id)).toEqual([
      "filtered",
      "never-ended",
      "exited-without-flush",
    ]);
    // JavaScript sends batches side by side.
    expect(find(cache, { nowMs: 8_000, processes: [gone("web", 300)] })[0]?.causes[0]).toMatchObject({ id: "exited-without-flush" });
  });

  test("of an SDK that announces starts was lost on the way when it was not announced", () => {
    // Through a Collector, which may change the order; straight from its process that is `lost-batch`.
    const processes = [processEvidence("job", { lastReceivedMs: 20, connections: [connectionEvidence("job", { direct: false })] })];
    const findings = find(LOCAL, { nowMs: 8_000, starts: true, traceId: "f".repeat(32), processes });
    expect(findings).toMatchObject([{ causes: [{ id: "batch-lost" }, { id: "filtered" }] }]);
    expect(find(LOCAL, { nowMs: 8_000, starts: true, traceId: "f".repeat(32) })).toEqual([]);
  });

  test("waits for the settling time", () => {
    expect(find(LOCAL, { nowMs: 2_900, processes: [gone("job", 300)] })).toEqual([]);
  });
});

describe("a forked worker", () => {
  const PYTHON = { userAgent: "OTel-OTLP-Exporter-Python/1.44.0", sdkLanguage: "python", logfireVersion: null };
  const FORKED = `
    (main job)
      worker     |----|        @w1
  `;

  test("that flushed and left says nothing of the parent that it was forked from: that one may work on", () => {
    expect(find(FORKED, { nowMs: 60_000, processes: [gone("w1", 25, PYTHON)] })).toEqual([]);
  });

  test("… and its exit handlers are known by their order on a busy machine too, which takes its time over each step", () => {
    const connections = [
      connectionEvidence("a", { lastReceivedMs: 10, closedMs: 17 }),
      connectionEvidence("b", { openedMs: 60, lastReceivedMs: 60, closedMs: 200 }),
    ];
    const busy = gone("w1", 0, { ...PYTHON, lastReceivedMs: 60, connections });
    expect(find(FORKED, { nowMs: 8_000, processes: [busy] })[0]?.causes[0]).toMatchObject({ id: "never-ended" });
  });

  test("… also on a busy machine, where the close takes its time: one request over a connection of its own", () => {
    const connections = [connectionEvidence("w1", { openedMs: 5, lastReceivedMs: 20, closedMs: 150 })];
    expect(find(FORKED, { nowMs: 60_000, processes: [gone("w1", 150, { ...PYTHON, connections })] })).toEqual([]);
    const killedLater = [connectionEvidence("w1", { openedMs: 5, lastReceivedMs: 20, closedMs: 900 })];
    expect(find(FORKED, { nowMs: 60_000, processes: [gone("w1", 900, { ...PYTHON, connections: killedLater })] })).toHaveLength(1);
  });

  test("several of them name one parent: it is the program's that forked them, even if they were killed", () => {
    const two = `
      (main job)
        worker#1     |----|        @w1
        worker#2     |----|        @w2
    `;
    expect(find(two, { nowMs: 60_000, processes: [gone("w1", 300, PYTHON), gone("w2", 400, PYTHON)] })).toEqual([]);
  });

  test("a program that ran its own exit handlers is no fork: what it did not send was never ended", () => {
    const connections = [
      connectionEvidence("a", { lastReceivedMs: 10, closedMs: 17 }),
      connectionEvidence("b", { openedMs: 19, lastReceivedMs: 20, closedMs: 21 }),
    ];
    expect(find(FORKED, { nowMs: 8_000, processes: [gone("w1", 0, { ...PYTHON, connections })] })[0]?.causes[0]).toMatchObject({
      id: "never-ended",
    });
  });
});

describe("a parent in another process (O3)", () => {
  const SERVED = `
    (call)
      GET /stock     |----|     @shop/web   server remote
  `;
  const WORKERS = `
    (settlement)
      settle#1       |----|      @shop/w1   remote
      settle#2       |------|    @shop/w2   remote
  `;

  test("of a server is lost when the caller's batch would have come: its caller is outside", () => {
    expect(find(SERVED, { nowMs: 7_000 })).toEqual([]);
    expect(find(SERVED, { nowMs: 9_000 })).toMatchObject([
      { certainty: "likely", causes: [{ id: "external-parent", certainty: "possible" }, {}] },
    ]);
  });

  test("of a server may be open as long as a program lives that reports only ends and may have called: a job that calls, a stream that is read", () => {
    const caller = living("caller", { service: "batch", connections: [connectionEvidence("caller", { openedMs: -1_000 })] });
    const look = (options: Partial<EvidenceOptions>) => find(SERVED, { nowMs: 60_000, neighbours: [caller], ...options });
    expect(look({})).toEqual([]);
    expect(look({ nowMs: 700_000 })).toHaveLength(1);
    expect(look({ neighbours: [gone("caller", 300, { service: "batch" })] })).toHaveLength(1);
    // One that announces starts would have said so.
    expect(look({ neighbours: [processEvidence("caller", { connections: caller.connections })] })).toHaveLength(1);
    expect(look({ remoteParents: { shop: { remoteParents: 20, neverReceived: 19, distinctMissing: 19 } } })).toHaveLength(1);
  });

  test("that never comes for any caller of a service is external, likely (O3b)", () => {
    const remoteParents = { shop: { remoteParents: 20, neverReceived: 19, distinctMissing: 19 } };
    expect(find(SERVED, { nowMs: 9_000, remoteParents })[0]?.causes[0]).toMatchObject({ id: "external-parent", certainty: "likely" });
  });

  test("that something on the way rewrote is said as that, not as an orphan", () => {
    const gateway = `
      GET /          |-----------|     @shop/front  client
      (made up)
        GET /stock      |----|         @shop/web    server remote
    `;
    expect(find(gateway, { nowMs: 9_000 })).toEqual([]);
  });

  test("of workers may run on while the program that started them lives, known or not", () => {
    expect(find(WORKERS, { nowMs: 60_000, processes: [gone("w1", 300), gone("w2", 400)], neighbours: [living("coordinator")] })).toEqual(
      [],
    );
    expect(find(WORKERS, { nowMs: 60_000, processes: [gone("w1", 300), gone("w2", 400)] })).toEqual([]);
  });

  test("of workers is lost with the only program that can have started them", () => {
    const coordinator = gone("coordinator", 10, { firstReceivedMs: 0, lastReceivedMs: 2 });
    const findings = find(WORKERS, { nowMs: 12_000, processes: [gone("w1", 300), gone("w2", 400)], neighbours: [coordinator] });
    expect(findings).toMatchObject([
      { missingSpanId: spanIdOf("settlement"), count: 2, causes: [{ id: "process-died" }, {}], processId: coordinator.processId },
    ]);
  });

  test("that tail sampling dropped before is no fault (O10): Logfire made the trace, and announces what it keeps", () => {
    const leftover = `
      (request)
        background                  |----|     remote
    `;
    // The id says that the trace began 20 s before the first span that came.
    const traceId = `${(1_767_225_580_000).toString(16).padStart(12, "0")}${"1".repeat(20)}`;
    expect(find(leftover, { nowMs: 600_000, starts: true, traceId })).toEqual([]);
  });

  test("that tail sampling dropped a moment before: by the only program in the trace, which sent before and sends in order", () => {
    const leftover = "(request)\n  background     |----|   @web remote";
    const traceId = `${(1_767_225_600_000 - 200).toString(16).padStart(12, "0")}${"1".repeat(20)}`;
    const look = (web: ProcessEvidence) => find(leftover, { nowMs: 600_000, starts: true, traceId, processes: [web] });
    expect(look(processEvidence("web", { firstReceivedMs: -60_000, lastReceivedMs: 20 }))).toEqual([]);
    // One that had sent nothing before may have lost its first batch.
    expect(look(processEvidence("web", { lastReceivedMs: 20 }))).toHaveLength(1);
  });
});

test("a parent that came is no finding, however late", () => {
  expect(find("batch  |--------|\n  report  |----|  late=9000", { nowMs: 60_000 })).toEqual([]);
});

test("fifty thousand children of one missing parent are one finding with a bounded list", () => {
  const children = Array.from({ length: 2_000 }, (_, i) => `  report#${i}  |-|  @job`).join("\n");
  const [finding, ...others] = find(`(batch)\n${children}`, { nowMs: 8_000, processes: [gone("job", 300)] });
  expect(others).toEqual([]);
  expect(finding?.count).toBe(2_000);
  expect(finding?.spanIds).toHaveLength(1_000);
});

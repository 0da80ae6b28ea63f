import { describe, expect, test } from "vitest";
import { drawLogs } from "@/lib/testing/draw-trace";
import { connectionEvidence, drawEvidence, type EvidenceOptions, processEvidence } from "@/lib/testing/evidence";
import { ownIdOf, spanIdOf } from "@/lib/testing/spans";
import type { ConnectionEvidence, ProcessEvidence } from "../process-evidence";
import { abandonedSpan } from "./abandoned-span";
import { ongoingSpan } from "./ongoing-span";

const find = (drawing: string, options: EvidenceOptions) => abandonedSpan.find(drawEvidence(drawing, options)).findings;

/** A process that was last heard of at `lastReceivedMs` and whose connection closed at `closedMs`. */
const closed = (label: string, closedMs: number, changes: Partial<ProcessEvidence> = {}, connection: Partial<ConnectionEvidence> = {}) => {
  const received = { firstReceivedMs: changes.firstReceivedMs ?? 0, lastReceivedMs: changes.lastReceivedMs ?? 5 };
  return processEvidence(label, {
    ...received,
    connections: [connectionEvidence(label, { ...received, closedMs, ...connection })],
    ...changes,
  });
};

/** A column is 100 ms here. */
const SLOW = { msPerColumn: 100 };
const FLEET = `
  nightly import   |--------------------------|      @main
    worker 1         |------------------|            @w1
    worker 3         |.........                      @w3
`;

describe("the process has ended (L3)", () => {
  test("a killed worker's span is abandoned, its siblings' are not", () => {
    const findings = find(FLEET, { ...SLOW, nowMs: 4_000, processes: [closed("w3", 1_200)] });
    expect(findings).toMatchObject([
      { kind: "abandoned-span", severity: "error", certainty: "likely", spanIds: [spanIdOf("worker 3")], processId: ownIdOf("w3") },
    ]);
    expect(findings[0]?.causes[0]).toMatchObject({ id: "process-died" });
  });

  test("proved, and said as a fact, when /proc lost the process", () => {
    const local = { pid: 4127, verifiedBy: "socket" as const, aliveAtMs: 1_000, goneAtMs: 1_700 };
    const [finding] = find(FLEET, { ...SLOW, nowMs: 2_000, processes: [closed("w3", 1_200, { pid: 4127, local })] });
    expect(finding).toMatchObject({ certainty: "proved", title: { id: "abandoned-span.gone-title", args: { process: "pid 4127" } } });
  });

  test("not before the process had its time to come back", () => {
    expect(find(FLEET, { ...SLOW, nowMs: 3_100, processes: [closed("w3", 1_200)] })).toEqual([]);
  });

  test("an abandoned span is not also ongoing", () => {
    const evidence = drawEvidence(FLEET, { ...SLOW, nowMs: 4_000, processes: [closed("w3", 1_200)] });
    expect(ongoingSpan.find(evidence).findings).toEqual([]);
  });
});

describe("why it ended", () => {
  test("stopped by its parent: the parent's span ends as the worker does", () => {
    const terminated = `
      scan table    |--------------|     @main
        scan shard 0   |........         @w0
        scan shard 1   |----|            @w1
    `;
    expect(find(terminated, { nowMs: 4_000, processes: [closed("w0", 13)] })[0]?.causes[0]).toMatchObject({ id: "stopped-by-parent" });
  });

  test("stopped by its parent: a daemon in a trace of its own dies as the parent exits in good order", () => {
    const main = closed("main", 900, { firstReceivedMs: 0, lastReceivedMs: 899 });
    const daemon = closed("daemon", 906, { firstReceivedMs: 300, lastReceivedMs: 700 });
    const [finding] = find("poll queue   |.....   @daemon", { nowMs: 5_000, processes: [daemon], neighbours: [main] });
    expect(finding?.causes[0]).toMatchObject({ id: "stopped-by-parent", because: { id: "because.parent-exited" } });
  });

  test("an older worker that left in good order just before is no parent: what was there before both of them is", () => {
    const main = closed("main", 906, { firstReceivedMs: 0, lastReceivedMs: 500 });
    const older = closed("w1", 900, { firstReceivedMs: 200, lastReceivedMs: 899 });
    const younger = closed("w2", 906, { firstReceivedMs: 300, lastReceivedMs: 700 });
    const [finding] = find("load page   |.....   @w2", { nowMs: 5_000, processes: [younger], neighbours: [main, older] });
    expect(finding?.causes[0]).toMatchObject({ id: "process-died" });
  });

  test("a worker that dies while its parent goes on was not stopped by it", () => {
    const causes = find(FLEET, { ...SLOW, nowMs: 4_000, processes: [closed("w3", 1_200)] })[0]?.causes.map(({ id }) => id);
    expect(causes).toEqual(["process-died", "exited-without-flush"]);
  });

  test("a forked child of an SDK that does not flush then has left without a flush", () => {
    const old = { userAgent: "logfire/2.11.0", logfireVersion: null, serviceInstanceId: "shared" };
    const forked = `
      process job   |----------------------|   @main
        worker 1      |..*......               @w1
    `;
    const processes = [
      { ...processEvidence("main", { ...old, pid: 1 }), processId: ownIdOf("main") },
      closed("w1", 12, { ...old, pid: 7 }),
    ];
    expect(find(forked, { nowMs: 4_000, processes })[0]?.causes[0]).toMatchObject({ id: "exited-without-flush" });
  });
});

describe("whose span it is (W11)", () => {
  test("a span that carries its parent's pid belongs to the forked child that wrote its logs", () => {
    const drawing = `
      process job   |----------------------|   @main
        worker 1      |.........               @main  connection=c3  request=r3
    `;
    const shared = { serviceInstanceId: "shared", userAgent: "logfire/2.11.0" };
    const main = processEvidence("main", {
      ...shared,
      pid: 1,
      connections: [connectionEvidence("main"), connectionEvidence("c3", { openedMs: 2, closedMs: 12 })],
    });
    const child = processEvidence("child", {
      ...shared,
      pid: 7,
      lastReceivedMs: 5,
      connections: [connectionEvidence("c3", { openedMs: 2, closedMs: 12 })],
    });
    const [log] = drawLogs("worker 1   |..*    @child  connection=c3  request=r3");
    const logRecords = log ? [{ ...log, spanId: spanIdOf("worker 1") }] : [];
    const findings = find(drawing, { nowMs: 5_000, processes: [main, child], logRecords });
    expect(findings).toMatchObject([{ spanIds: [spanIdOf("worker 1")], processId: ownIdOf("child"), certainty: "likely" }]);
  });

  test("where even the logs carry the parent's pid, the connection tells: its close is the child's death", () => {
    const drawing = `
      main job    |..........................  @main
        worker 1      |.........               @main  connection=c3
    `;
    const main = processEvidence("main", {
      userAgent: "logfire/4.30.0",
      lastReceivedMs: 5,
      connections: [connectionEvidence("main"), connectionEvidence("c3", { openedMs: 4, firstReceivedMs: 5, closedMs: 12 })],
    });
    expect(find(drawing, { nowMs: 5_000, processes: [main] }).map(({ spanIds }) => spanIds[0])).toEqual([spanIdOf("worker 1")]);
  });
});

describe("left behind (L4)", () => {
  const BEHIND = `
    ship orders      |--------------------|     @main
      packer 0         |--------|               @w0
      packer 1         |....                    @w1
        pack parcel      |..                    @w1
      packer 2         |---------|              @w2
  `;
  /** Behind a Collector: nothing is known of its own connection. */
  const silent = processEvidence("w1", { lastReceivedMs: 5, connections: [connectionEvidence("collector", { direct: false })] });

  test("a worker that is silent where its parent and its like have ended is abandoned with all it had open", () => {
    const findings = find(BEHIND, { nowMs: 60_000, processes: [silent] });
    expect(findings.map(({ spanIds }) => spanIds[0])).toEqual([spanIdOf("packer 1"), spanIdOf("pack parcel")]);
    expect(findings[0]).toMatchObject({ certainty: "likely", title: { args: { ancestor: "ship orders" } } });
  });

  test("a slow worker is given time, and one that still reports is left alone", () => {
    expect(find(BEHIND, { nowMs: 20_000, processes: [silent] })).toEqual([]);
    expect(find(BEHIND, { nowMs: 60_000 })).toEqual([]);
  });

  test("without a sibling that ended it is not said: a detached daemon may outlive what started it", () => {
    const alone = `
      ship orders      |--------------------|     @main
        packer 1         |....                    @w1
    `;
    expect(find(alone, { nowMs: 3_600_000, processes: [silent] })).toEqual([]);
  });
});

describe("heartbeats (L10)", () => {
  const BEATING = "backup   |..+....+..";

  test("three heartbeats missed and no stop: lost", () => {
    const findings = find(BEATING, { nowMs: 60_000 });
    expect(findings).toMatchObject([{ certainty: "likely", causes: [{ id: "heartbeat-lost" }, { id: "process-died" }] }]);
  });

  test("a late heartbeat loses nothing", () => {
    expect(find(BEATING, { nowMs: 14_000 })).toEqual([]);
  });

  test("a process that is seen running on this machine is stopped or busy, not dead", () => {
    const local = { pid: 1, verifiedBy: "socket" as const, aliveAtMs: 59_000, goneAtMs: null };
    expect(find(BEATING, { nowMs: 60_000, processes: [processEvidence("main", { local })] })).toEqual([]);
  });
});

describe("what must stay silent (wire.md §11)", () => {
  test.each<[string, Partial<ProcessEvidence>, Partial<ConnectionEvidence>]>([
    ["a Collector's or proxy's connection", {}, { direct: false }],
    ["a path that reconnects", { pathReconnects: true }, {}],
    ["a connection that this server closed", {}, { closedBy: "server" }],
    ["a process of that pid that lives here", { local: { pid: 7, verifiedBy: null, aliveAtMs: 10, goneAtMs: null } }, {}],
    ["Go's pool, which closes after 90 s idle", { sdkLanguage: "go", userAgent: "OTel OTLP Exporter Go/1.47.0" }, { closedMs: 90_005 }],
  ])("%s", (_, changes, connection) => {
    expect(find("job   |.....   @w3", { nowMs: 100_000, processes: [closed("w3", 12, changes, connection)] })).toEqual([]);
  });
});

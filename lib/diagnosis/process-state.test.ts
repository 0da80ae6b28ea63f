import { describe, expect, test } from "vitest";
import { connectionEvidence, processEvidence } from "@/lib/testing/evidence";
import { TEST_EPOCH_MS } from "@/lib/testing/spans";
import type { ConnectionEvidence, ProcessEvidence } from "./process-evidence";
import { processStateOf } from "./process-state";
import { DEFAULT_SETTINGS } from "./settings";

const at = (evidence: ProcessEvidence, nowMs: number) => processStateOf(evidence, TEST_EPOCH_MS + nowMs, DEFAULT_SETTINGS);

/** A process that sent at 0 and 400 ms, and whose one connection closed at 1 000 ms. */
const closedAt1000 = (connection: Partial<ConnectionEvidence> = {}, changes: Partial<ProcessEvidence> = {}) =>
  processEvidence("worker", {
    lastReceivedMs: 400,
    longestPauseMs: 400,
    connections: [connectionEvidence("worker", { lastReceivedMs: 400, closedMs: 1_000, requests: 2, ...connection })],
    ...changes,
  });

describe("proved", () => {
  test("a process that /proc lost after its last record has ended, when its connection closed", () => {
    const local = { pid: 7, verifiedBy: "socket" as const, aliveAtMs: 500, goneAtMs: 1_500 };
    expect(at(closedAt1000({}, { local }), 1_600)).toMatchObject({
      state: "ended",
      certainty: "proved",
      because: "gone-locally",
      endedMs: TEST_EPOCH_MS + 1_000,
    });
  });

  test("a record received after /proc said gone is believed more than /proc", () => {
    const local = { pid: 7, verifiedBy: "user" as const, aliveAtMs: 100, goneAtMs: 300 };
    expect(at(processEvidence("worker", { lastReceivedMs: 400, local }), 600)).toMatchObject({ state: "alive" });
  });

  test("a process seen alive on this machine has not ended, whatever its connections did", () => {
    const local = { pid: 7, verifiedBy: "socket" as const, aliveAtMs: 1_500, goneAtMs: null };
    expect(at(closedAt1000({}, { local }), 3_600_000)).toMatchObject({ state: "alive" });
  });

  test("data that tells of an exit is believed", () => {
    expect(at(processEvidence("worker", { exitedMs: 900 }), 1_000)).toMatchObject({ certainty: "proved", because: "exit-marker" });
  });
});

describe("likely, from connections alone", () => {
  test("a close alone proves nothing: a clean exit sends its last batch on a new connection", () => {
    expect(at(closedAt1000(), 1_100)).toMatchObject({ state: "unknown", lookAgainAtMs: TEST_EPOCH_MS + 3_000 });
  });

  test("two seconds after its last connection closed, a quiet process has likely ended when it closed", () => {
    expect(at(closedAt1000(), 3_000)).toMatchObject({
      state: "ended",
      certainty: "likely",
      because: "connections-closed",
      endedMs: TEST_EPOCH_MS + 1_000,
    });
  });

  test("a reset says the same as a FIN", () => {
    expect(at(closedAt1000({ closedBy: "reset" }), 3_000)).toMatchObject({ certainty: "likely" });
  });

  test("a process that usually pauses long is given three pauses", () => {
    const slow = closedAt1000({}, { longestPauseMs: 5_000 });
    expect(at(slow, 15_000)).toMatchObject({ state: "unknown", lookAgainAtMs: TEST_EPOCH_MS + 15_400 });
    expect(at(slow, 15_400)).toMatchObject({ certainty: "likely" });
  });

  test("after one request only, an SDK with a slow batch gets up to three seconds", () => {
    const node = { userAgent: "OTel-OTLP-Exporter-JavaScript/0.223.1", sdkLanguage: "nodejs", longestPauseMs: null };
    expect(at(closedAt1000({}, node), 3_900)).toMatchObject({ state: "unknown" });
    expect(at(closedAt1000({}, node), 4_000)).toMatchObject({ certainty: "likely" });
  });

  test("an open connection means alive, as long as it is open", () => {
    const evidence = closedAt1000();
    const withOpen = { ...evidence, connections: [...evidence.connections, connectionEvidence("logs")] };
    expect(at(withOpen, 3_600_000)).toMatchObject({ state: "alive", because: "connection-open" });
  });
});

describe("what proves nothing (wire.md §11)", () => {
  test("connections that this server closed", () => {
    expect(at(closedAt1000({ closedBy: "server" }), 20_000).state).toBe("alive");
    expect(at(closedAt1000({ closedBy: "server" }), 86_400_000).state).toBe("silent");
  });

  test("the connections of a Collector, a proxy or a load balancer", () => {
    expect(at(closedAt1000({ direct: false }), 86_400_000).state).toBe("silent");
    const openCollector = processEvidence("worker", { connections: [connectionEvidence("collector", { direct: false })] });
    expect(at(openCollector, 86_400_000).state).toBe("silent");
  });

  test("a path on which processes came back after a close: idle timers, tunnels, a connection for each batch", () => {
    expect(at(closedAt1000({}, { pathReconnects: true }), 20_000).state).toBe("alive");
    expect(at(closedAt1000({}, { pathReconnects: true }), 86_400_000).state).toBe("silent");
  });

  test("an idle timer of the runtime or of a load balancer", () => {
    const go = { userAgent: "OTel OTLP Exporter Go/1.47.0", sdkLanguage: "go" };
    expect(at(closedAt1000({ closedMs: 90_400 }, go), 95_000).state).not.toBe("ended");
    expect(at(closedAt1000({ closedMs: 350_300 }), 360_000).state).not.toBe("ended");
  });

  test("a forked child that shares its parent's instance id does not replace it", () => {
    const replacedBy = { processId: "9", firstReceivedMs: 900 };
    expect(at(closedAt1000({}, { pathReconnects: true, replacedBy }), 86_400_000).state).toBe("silent");
  });
});

test("a steady talker on such a path that is silent ten times longer than ever has possibly ended", () => {
  const steady = closedAt1000({ requests: 40 }, { pathReconnects: true });
  expect(at(steady, 299_000)).toMatchObject({ state: "silent", lookAgainAtMs: TEST_EPOCH_MS + 300_400 });
  expect(at(steady, 300_400)).toMatchObject({ state: "ended", certainty: "possible", because: "long-silence" });
});

test("a container that came back under the same instance id has replaced its forerunner, where a new process cannot be a fork", () => {
  const java = { userAgent: "OTel-OTLP-Exporter-Java/1.51.0", sdkLanguage: "java" };
  const restarted = closedAt1000({}, { ...java, pathReconnects: true, replacedBy: { processId: "9", firstReceivedMs: 2_000 } });
  expect(at(restarted, 5_000)).toMatchObject({ certainty: "likely", because: "replaced" });
});

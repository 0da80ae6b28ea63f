import { describe, expect, test } from "vitest";
import { handshake, sender, senderRoot, sourceEvidence } from "@/lib/testing/source-evidence";
import { ownIdOf, spanIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { asksForRoots, silentWorkerByHandshake } from "./silent-worker";

/**
 *   GET /v1/info    ●            ●●●●                         @main, then four workers
 *   sum of squares    |--------------------|                  @main
 *   square 3                        |-|                       @w3
 */
const MAIN = sender("main", { pid: 10, firstReceivedMs: 100, lastReceivedMs: 2_500, closedMs: 2_500, longestPauseMs: 1_240 });
const W3 = sender("w3", { pid: 14, firstReceivedMs: 1_190, lastReceivedMs: 1_190, closedMs: 1_240 });
const ROOT = senderRoot("sum of squares", "main", 100, 1_340);
const LATER = senderRoot("publish result", "main", 1_345, 2_500);
const POOL = [0, 1_030, 1_075, 1_095, 1_100].map((atMs) => handshake(atMs));
const RUN = { nowMs: 12_000, senders: [MAIN, W3], handshakes: POOL, roots: [ROOT, LATER] };

const find = (changes: Partial<Parameters<typeof sourceEvidence>[0]> = {}) =>
  silentWorkerByHandshake.find(sourceEvidence({ ...RUN, ...changes }));

describe("workers that were terminated before their first batch", () => {
  test("are counted by their hand-shakes, with the span that started them and the process that did", () => {
    const [finding, ...others] = find().findings;
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      kind: "silent-worker",
      severity: "error",
      certainty: "likely",
      count: 3,
      traceId: null,
      spanIds: [spanIdOf("sum of squares")],
      processId: ownIdOf("main"),
      lastEvidenceMs: TEST_EPOCH_MS + 1_030,
    });
    expect(finding?.causes.map(({ id }) => id)).toEqual(["stopped-by-parent", "process-died", "exited-without-flush"]);
  });

  test("are told of also where none of them reported, if the program goes on under its own name; only possible then", () => {
    expect(find({ senders: [MAIN] }).findings).toMatchObject([{ count: 4, certainty: "possible" }]);
    // It may have been the program itself that configured again: its later spans have another name.
    expect(find({ senders: [MAIN], roots: [ROOT] }).findings).toEqual([]);
  });

  test("are told from the program itself, whose hand-shake may come after its first span has begun", () => {
    expect(find({ handshakes: [handshake(130), ...POOL.slice(1)] }).findings).toMatchObject([{ count: 3 }]);
  });

  test("are told by the senders' clock, however late the reports of the span came", () => {
    const late = { ...ROOT, endReceivedMs: TEST_EPOCH_MS + 2_400 };
    expect(find({ roots: [late, LATER] }).findings).toMatchObject([{ count: 3 }]);
  });

  test("of an SDK that does not flush when a worker leaves are most likely gone by themselves", () => {
    const old = { userAgent: "logfire/2.11.0" };
    const [finding] = find({
      senders: [sender("main", { ...old, pid: 10, firstReceivedMs: 100, lastReceivedMs: 2_500, closedMs: 2_500 })],
      handshakes: [0, 1_030, 1_075, 1_095].map((atMs) => handshake(atMs, old)),
    }).findings;
    expect(finding?.causes[0]?.id).toBe("exited-without-flush");
  });
});

describe("nothing is said", () => {
  test("while the program runs: its workers may still report", () => {
    const running = sender("main", { pid: 10, firstReceivedMs: 100, lastReceivedMs: 2_500 });
    expect(find({ senders: [running, W3] })).toEqual({ findings: [], lookAgainAtMs: null });
    const early = find({ nowMs: 5_000 });
    expect(early.findings).toEqual([]);
    expect(early.lookAgainAtMs).toBeGreaterThan(TEST_EPOCH_MS + 5_000);
  });

  test("of workers that lived longer than a first batch takes: they had nothing to say (idle pools, servers without requests)", () => {
    expect(find({ roots: [senderRoot("sum of squares", "main", 100, 4_000), LATER] }).findings).toEqual([]);
  });

  test("of processes that all reported, and of one that is missing of many", () => {
    const all = [11, 12, 13, 14].map((pid) => sender(`w${pid}`, { pid, firstReceivedMs: 1_200, closedMs: 1_300 }));
    expect(find({ senders: [MAIN, ...all] }).findings).toEqual([]);
    expect(find({ senders: [MAIN, ...all.slice(1)] }).findings).toEqual([]);
  });

  test("of workers that may each have configured twice, at import and in their function", () => {
    const two = [11, 12].map((pid) => sender(`w${pid}`, { pid, firstReceivedMs: 1_200, closedMs: 1_300 }));
    expect(find({ senders: [MAIN, ...two] }).findings).toEqual([]);
  });

  test("of programs run one after the other, such as a reloader's or a tool's that only checks its token", () => {
    const oneByOne = [0, 500, 910, 1_300].map((atMs) => handshake(atMs));
    expect(find({ handshakes: oneByOne, roots: [senderRoot("sum of squares", "main", 100, 1_400), LATER] }).findings).toEqual([]);
    // No span around them: nobody knows who started them.
    expect(find({ roots: [] }).findings).toEqual([]);
    expect(find({ roots: [senderRoot("sum of squares", "main", 100, null)] }).findings).toEqual([]);
  });

  test("of a process that configures again and again: it reports with the same pid under other names", () => {
    const again = sender("main again", { pid: 10, firstReceivedMs: 1_200, lastReceivedMs: 2_500, closedMs: 2_500 });
    expect(find({ senders: [MAIN, again], roots: [ROOT] }).findings).toEqual([]);
  });

  test("twice of one program with two tokens, which shakes hands with each", () => {
    const other = { tokenHash: "b2".repeat(32) };
    const both = sender("main", { pid: 10, firstReceivedMs: 100, lastReceivedMs: 2_500, closedMs: 2_500 });
    const second = { ...both.process.connections[0], ...other, connectionId: ownIdOf("second") } as never;
    const senders = [{ ...both, process: { ...both.process, connections: [...both.process.connections, second] } }, W3];
    const handshakes = [...POOL, ...[1, 1_031, 1_076, 1_096, 1_101].map((atMs) => handshake(atMs, other))];
    expect(find({ senders, handshakes }).findings).toHaveLength(1);
  });

  test("of a hand-shake that was asked again on its connection", () => {
    expect(
      find({ handshakes: POOL.map((one, i) => (i < 2 ? one : { ...one, connectionId: POOL[1]?.connectionId ?? "" })) }).findings,
    ).toEqual([]);
  });

  test("of what came through a proxy, of other peers' hand-shakes, and of another program at work in the same time", () => {
    expect(find({ handshakes: POOL.map((one) => ({ ...one, direct: false })) }).findings).toEqual([]);
    expect(find({ handshakes: POOL.map((one, i) => ({ ...one, peer: `10.0.0.${i}` })) }).findings).toEqual([]);
    const beside = sender("beside", { pid: 90, firstReceivedMs: 50, lastReceivedMs: 3_000 });
    expect(find({ senders: [MAIN, W3, beside], roots: [ROOT, LATER, senderRoot("serve", "beside", 60, null)] }).findings).toEqual([]);
  });

  test("again where the numbers of the workers tell it already", () => {
    const told = { kind: "silent-worker", traceId: ROOT.traceId, processId: null, openedMs: TEST_EPOCH_MS + 5_000 } as const;
    expect(find({ traceFindings: [told] }).findings).toEqual([]);
  });

  test("of hand-shakes that are older than the evidence", () => {
    expect(find({ sinceMs: 2_000 }).findings).toEqual([]);
  });
});

test("root spans are read from the database only where more processes configured than reported", () => {
  expect(asksForRoots(sourceEvidence(RUN))).toBe(true);
  expect(asksForRoots(sourceEvidence({ ...RUN, handshakes: POOL.slice(0, 2) }))).toBe(false);
  expect(asksForRoots(sourceEvidence({ ...RUN, senders: [] }))).toBe(false);
});

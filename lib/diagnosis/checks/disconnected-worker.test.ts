import { describe, expect, test } from "vitest";
import type { ConcurrentRoot } from "@/lib/diagnosis/check";
import { unixNanoOfMs } from "@/lib/otel/time";
import { connectionEvidence, drawEvidence, type EvidenceOptions, processEvidence } from "@/lib/testing/evidence";
import { ownIdOf, spanIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { disconnectedWorker } from "./disconnected-worker";

const root = (name: string, from: number, to: number | null, changes: Partial<ConcurrentRoot> = {}): ConcurrentRoot => ({
  traceId: ownIdOf(name).replace("-", "").padStart(32, "0").slice(0, 32),
  spanId: spanIdOf(name),
  name,
  kind: "internal",
  processId: ownIdOf(name),
  connectionId: ownIdOf(name),
  startTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + from),
  endTimeUnixNano: to === null ? null : unixNanoOfMs(TEST_EPOCH_MS + to),
  hasLinks: false,
  ...changes,
});
const BUILD = root("build index", -500, 900);
const PARTS = [root("index part 1", 10, 300), root("index part 2", 20, 400)];
const find = (concurrentRoots: ConcurrentRoot[], options: Partial<EvidenceOptions> = {}, drawing = "index part 0   |------|   @w0") =>
  disconnectedWorker.find(drawEvidence(drawing, { nowMs: 60_000, msPerColumn: 10, concurrentRoots, ...options }));

test("workers that began traces of their own, within the one span that lies around all of them", () => {
  expect(find([BUILD, ...PARTS]).findings).toMatchObject([
    {
      spanIds: [spanIdOf("index part 0"), BUILD.spanId],
      proposedParents: [{ spanId: spanIdOf("index part 0"), traceId: BUILD.traceId, parentSpanId: BUILD.spanId }],
      causes: [{ id: "context-not-propagated" }],
      title: { args: { owner: "build index", count: 3 } },
    },
  ]);
});

describe("what is a trace of its own on purpose", () => {
  test("a root without its like beside it", () => expect(find([BUILD]).findings).toEqual([]));
  test("roots whose like have links", () => {
    expect(find([BUILD, ...PARTS.map((part) => ({ ...part, hasLinks: true }))]).findings).toEqual([]);
  });
  test("jobs that a clock starts one after the other while something long runs", () => {
    const jobs = [root("index part 1", 200, 300), root("index part 2", 400, 500)];
    expect(find([root("backup", -500, 9_000), ...jobs]).findings).toEqual([]);
    expect(find([root("build index", -500, 900), ...jobs]).findings).toHaveLength(1);
  });
  test("jobs that are done at other times too", () => {
    expect(find([BUILD, ...PARTS, root("index part 3", -400_000, -399_000)]).findings).toEqual([]);
  });
  test("requests and messages", () => expect(find([BUILD, ...PARTS], {}, "index part 0   |------|   @w0  server").findings).toEqual([]));
  test("roots around which several spans lie", () => expect(find([BUILD, root("serve", -900, 2_000), ...PARTS]).findings).toEqual([]));
  test("roots within a service's life-long span", () => expect(find([root("serve", -4_000_000, 900), ...PARTS]).findings).toEqual([]));
  test("roots of a connection that was used before: a process that does many such things", () => {
    const connections = [connectionEvidence("w0", { openedMs: -90_000, firstReceivedMs: -90_000, lastReceivedMs: 100 })];
    const processes = [processEvidence("w0", { firstReceivedMs: -90_000, lastReceivedMs: 100, connections })];
    expect(find([BUILD, ...PARTS], { processes }).findings).toEqual([]);
  });
});

test("a spawner that is reported only at its end may still come", () => {
  expect(find(PARTS)).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
  expect(find([{ ...BUILD, endTimeUnixNano: null }, ...PARTS]).findings).toEqual([]);
});

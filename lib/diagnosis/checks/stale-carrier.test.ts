import { expect, test } from "vitest";
import type { ConcurrentRoot } from "@/lib/diagnosis/check";
import { unixNanoOfMs } from "@/lib/otel/time";
import { drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { ownIdOf, spanIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { staleCarrier } from "./stale-carrier";

const WORKERS = `
  set up        |---|                          @main
    export 1               |------|            @w1  remote
    export 2               |---------|         @w2  remote
`;
const job = (changes: Partial<ConcurrentRoot> = {}): ConcurrentRoot => ({
  traceId: "2".repeat(32),
  spanId: "00000000000000aa",
  name: "nightly job",
  kind: "internal",
  processId: ownIdOf("main"),
  connectionId: ownIdOf("main"),
  startTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 50),
  endTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 900),
  hasLinks: false,
  ...changes,
});
const processes = ["main", "w1", "w2"].map((label) => processEvidence(label, { lastReceivedMs: 400 }));
const find = (drawing: string, concurrentRoots: ConcurrentRoot[] = [], nowMs = 60_000, workers = processes) =>
  staleCarrier.find(drawEvidence(drawing, { nowMs, msPerColumn: 10, processes: workers, concurrentRoots }));

test("workers below a span that had ended, within another span of its process: the context was captured too early", () => {
  const { findings } = find(WORKERS, [job()]);
  expect(findings).toMatchObject([
    { count: 2, causes: [{ id: "stale-carrier" }], title: { args: { parent: "set up", owner: "nightly job" } } },
  ]);
  expect(findings[0]?.proposedParents).toHaveLength(2);
  expect(findings[0]?.proposedParents).toContainEqual({
    spanId: spanIdOf("export 2"),
    traceId: job().traceId,
    parentSpanId: job().spanId,
  });
  expect(new Set(findings[0]?.spanIds)).toEqual(new Set([spanIdOf("export 1"), spanIdOf("export 2")]));
});

test("the owner may be in the same trace", () => {
  const one = `
    main           |----------------------------|    @main
      set up        |---|                            @main
        export 1               |------|              @w1  remote
        export 2               |---------|           @w2  remote
      nightly job        |------------------|        @main
  `;
  expect(find(one).findings).toMatchObject([{ title: { args: { owner: "nightly job" } } }]);
});

test("without exactly one span that lies around all of them nothing is said, but it may still come", () => {
  expect(find(WORKERS)).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
  expect(find(WORKERS, [job(), job({ traceId: "3".repeat(32), spanId: "00000000000000bb" })]).findings).toEqual([]);
  expect(find(WORKERS, [job({ endTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 150) })]).findings).toEqual([]);
});

test("one worker alone, and children of the same process, were left to go on by design", () => {
  expect(find("set up   |---|   @main\n  export 1           |------|   @w1  remote", [job()]).findings).toEqual([]);
  expect(find("set up   |---|   @main\n  mail 1         |--|\n  mail 2          |--|", [job()]).findings).toEqual([]);
});

test("jobs of a queue, while another thread of the producer is at something long that it had begun before, belong to who queued them", () => {
  expect(find(WORKERS, [job({ startTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 20) })]).findings).toEqual([]);
});

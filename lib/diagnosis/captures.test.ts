import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { captureFolders, loadCapture } from "@/lib/testing/captures/capture";
import { abandonedLatencies, judgeReplay, replayCapture } from "@/lib/testing/captures/replay-capture";
import { CHECKS } from "./index";
import { SOURCE_CHECKS } from "./source-checks";

/** Kinds that have a check: the others are not asked for yet. */
const KINDS = new Set<string>([...CHECKS, ...SOURCE_CHECKS].map(({ kind }) => kind));
const FOLDERS = captureFolders();
const SETTINGS = { settleMs: 3_000, staleAfterMs: 600_000 };

/**
 * Recordings of real SDKs on the wire, with what really happened: the checks must say all of it and nothing else. The recordings are fed
 * through decoder, resolver and checks on their own clock; npm run score does the same over the real ports.
 */
describe.skipIf(FOLDERS.length === 0)("recorded traffic of real SDKs", () => {
  const latencies: number[] = [];

  test.each(FOLDERS.map((folder) => [basename(folder), folder]))("%s", (_, folder) => {
    const capture = loadCapture(folder);
    const replay = replayCapture(capture, SETTINGS);
    latencies.push(...abandonedLatencies(capture, replay));
    expect(judgeReplay(capture, replay, KINDS)).toEqual([]);
    expect(replay.unsettled, "traces that never settle").toEqual([]);
  });

  test("half of the spans of a process that ended are called abandoned within 4 s, from connections alone", () => {
    latencies.sort((a, b) => a - b);
    expect(latencies[Math.floor(latencies.length / 2)]).toBeLessThanOrEqual(4_000);
  });
});

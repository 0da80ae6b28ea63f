import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { captureFolders, loadCapture } from "@/lib/testing/captures/capture";
import { type Replay, replayCapture } from "@/lib/testing/captures/replay-capture";
import { killedAt, seeded, shaken, throughCollector } from "@/lib/testing/captures/vary-capture";

const SETTINGS = { settleMs: 3_000, staleAfterMs: 600_000 };
const FOLDERS = captureFolders().map((folder) => [basename(folder), folder] as const);
const HEALTHY = FOLDERS.filter(([, folder]) => loadCapture(folder).expected.healthy);
const loud = ({ findings }: Replay) => findings.filter(({ severity }) => severity !== "info").map(({ kind, state }) => `${kind} ${state}`);

describe.skipIf(FOLDERS.length === 0)("recordings on other ways and with other ends", () => {
  test.each(FOLDERS)("%s through a Collector: its connection proves nothing of any process", (_, folder) => {
    const { findings } = replayCapture(throughCollector(loadCapture(folder)), SETTINGS);
    const deaths = findings.filter(({ kind }) => kind === "abandoned-span" || kind === "orphaned-span");
    expect(deaths.filter(({ certainty }) => certainty === "proved")).toEqual([]);
  });

  test.each(HEALTHY)("%s is as silent through a Collector, and with requests late, doubled and out of order", (_, folder) => {
    const capture = loadCapture(folder);
    expect(loud(replayCapture(throughCollector(capture), SETTINGS))).toEqual([]);
    for (const seed of [1, 2]) expect(loud(replayCapture(shaken(capture, 400, seeded(seed)), SETTINGS)), `seed ${seed}`).toEqual([]);
  });

  test.each(HEALTHY)("%s, had it been killed: only what was open or on its way is missed", (_, folder) => {
    const capture = loadCapture(folder);
    const times = capture.events.flatMap((event) => (event.event === "request" ? [event.at] : []));
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    const random = seeded(7);
    for (let i = 0; i < 4; i++) {
      const atMs = first + random() * (last - first);
      const kinds = new Set(loud(replayCapture(killedAt(capture, atMs), SETTINGS)));
      for (const kind of kinds)
        expect(["abandoned-span open", "orphaned-span open", "rootless-trace open"], `killed at ${atMs}`).toContain(kind);
    }
  });
});

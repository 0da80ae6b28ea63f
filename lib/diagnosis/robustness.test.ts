import { basename } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { captureFolders, loadCapture } from "@/lib/testing/captures/capture";
import { liesOfCut } from "@/lib/testing/captures/cut-truth";
import { type Replay, replayCapture } from "@/lib/testing/captures/replay-capture";
import { HOPS, killedAt, seeded, throughHop } from "@/lib/testing/captures/vary-capture";
import type { Kind } from "./finding";

// Minutes of recordings in seconds of computing; a busy machine takes its time.
vi.setConfig({ testTimeout: 300_000 });

const SETTINGS = { settleMs: 3_000, staleAfterMs: 600_000 };
const FOLDERS = captureFolders().map((folder) => [basename(folder), folder] as const);
const HEALTHY = FOLDERS.filter(([, folder]) => loadCapture(folder).expected.healthy);
const HOP_NAMES = Object.keys(HOPS) as (keyof typeof HOPS)[];
const CUTS = 20;

/** Said of the ids and times in the records themselves: they are the same whatever carried them. */
const PROVED_BY_RECORDS: readonly Kind[] = [
  "duplicate-span-id",
  "parent-cycle",
  "several-roots",
  "impossible-times",
  "parent-changed",
  "divergent-ends",
  "closed-by-sweeper",
  "dropped-by-sdk",
  "parent-already-closed",
  "child-before-parent",
  "absurd-clock",
];
const loud = ({ findings }: Replay) => findings.filter(({ severity }) => severity !== "info");

describe.skipIf(FOLDERS.length === 0)("recordings that came another way or were cut off", () => {
  let said = 0;

  test.each(FOLDERS)("%s through a Collector, a forwarding SDK and a proxy: its connection proves nothing", (_, folder) => {
    const capture = loadCapture(folder);
    for (const [i, hop] of HOP_NAMES.entries()) {
      const found = loud(replayCapture(throughHop(capture, hop, seeded(i + 1)), SETTINGS));
      const proved = found.filter(({ certainty, kind }) => certainty === "proved" && !PROVED_BY_RECORDS.includes(kind));
      expect(
        proved.map(({ kind }) => kind),
        hop,
      ).toEqual([]);
      // A pool that closes its connections is not a program that died.
      if (capture.expected.healthy)
        expect(
          found.map(({ kind }) => kind),
          hop,
        ).toEqual([]);
    }
  });

  test.each(HEALTHY)("%s, killed at random points: what is said was open, or ended and still unsent", (_, folder) => {
    const capture = loadCapture(folder);
    const whole = replayCapture(capture, SETTINGS);
    const times = capture.events.flatMap((event) => (event.event === "request" ? [event.at] : []));
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    const random = seeded(11);
    for (let i = 0; i < CUTS; i++) {
      const atMs = first + random() * (last - first);
      const { findings } = replayCapture(killedAt(capture, atMs), SETTINGS);
      expect(liesOfCut(capture, capture.wallMs + atMs, findings, whole.spans), `killed at ${atMs} ms`).toEqual([]);
      said += findings.length;
    }
  });

  test("the kills were noticed", () => {
    expect(said).toBeGreaterThan(CUTS);
  });
});

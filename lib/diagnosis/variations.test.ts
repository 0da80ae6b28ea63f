import { basename } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { type Capture, captureFolders, loadCapture } from "@/lib/testing/captures/capture";
import { judgeReplay, type Replay, type ReplayedFinding, replayCapture } from "@/lib/testing/captures/replay-capture";
import { type Shaking, seeded, shaken } from "@/lib/testing/captures/vary-capture";
import type { Kind } from "./finding";

// Minutes of recordings in seconds of computing; a busy machine takes its time.
vi.setConfig({ testTimeout: 300_000 });

const SETTINGS = { settleMs: 3_000, staleAfterMs: 600_000 };
const FOLDERS = captureFolders().map((folder) => [basename(folder), folder] as const);
const MANNERS = { doubledOfTen: 2, splitOfTen: 4 };
/** Requests late and out of order, twice, and in parts; each connection ends when it did. */
const REQUESTS: Shaking = { ...MANNERS, requestLateMs: 800, connectionLateMs: 0 };
/** Each connection by another delay besides, its end too, so that connections open, send and end in another order. */
const CONNECTIONS: Shaking = { ...MANNERS, requestLateMs: 400, connectionLateMs: 800 };
const REQUEST_VARIANTS = 20;
const CONNECTION_VARIANTS = 10;

/**
 * Kinds that rest on when connections end, and so may change where those do:
 * - whether an open span is abandoned or ongoing follows from the ends of its process's connections (design §6), and from whether any of
 *   them was seen to come back;
 * - what stopped a process (the cause of an abandoned span, of an orphan, of a silent or a truncated worker), and how sure its exit is, from whose connection ended with its own.
 */
const BY_ENDS: readonly Kind[] = ["abandoned-span", "ongoing-span"];
/** Workers that only shook hands are told by when they did, beside what their program did then. */
const restsOnMoments = ({ kind, traceId }: ReplayedFinding): boolean =>
  BY_ENDS.includes(kind) || (kind === "silent-worker" && traceId === null);
const CAUSE_BY_ENDS: readonly Kind[] = ["abandoned-span", "silent-worker", "truncated-worker", "orphaned-span", "closed-at-exit"];

/** What a finding is about; of one that stands for several traces, the pair or process. */
const about = ({ kind, subject, traceId, missingSpanId, spanIds }: ReplayedFinding): string =>
  `${kind} ${traceId === null ? subject : (missingSpanId ?? spanIds[0])}`;
const because = ({ certainty, causes }: ReplayedFinding): string => `${certainty}, ${causes[0]?.id}`;
const openOf = ({ findings }: Replay): ReplayedFinding[] => findings.filter(({ state }) => state === "open");
const listed = (findings: readonly ReplayedFinding[], text: (finding: ReplayedFinding) => string): string[] => findings.map(text).sort();

describe.skipIf(FOLDERS.length === 0)("recordings whose requests come late, twice, in parts and out of order", () => {
  test.each(FOLDERS)("%s ends in the same findings", (_, folder) => {
    const capture = loadCapture(folder);
    const plain = openOf(replayCapture(capture, SETTINGS));
    for (let seed = 1; seed <= REQUEST_VARIANTS; seed++) {
      const varied = openOf(replayCapture(shaken(capture, REQUESTS, seeded(seed)), SETTINGS));
      const whole = (finding: ReplayedFinding) => `${about(finding)}: ${because(finding)}`;
      expect(listed(varied, whole), `seed ${seed}`).toEqual(listed(plain, whole));
    }
  });

  test.each(FOLDERS)(
    "%s ends in the same findings when its connections end at other moments, but for those that rest on that",
    (_, folder) => {
      const capture = loadCapture(folder);
      const plain = openOf(replayCapture(capture, SETTINGS));
      for (let seed = 1; seed <= CONNECTION_VARIANTS; seed++) {
        const replay = replayCapture(shaken(capture, CONNECTIONS, seeded(seed)), SETTINGS);
        const varied = openOf(replay);
        const others = (findings: readonly ReplayedFinding[]) => findings.filter((finding) => !restsOnMoments(finding));
        const text = (finding: ReplayedFinding) => about(finding) + (CAUSE_BY_ENDS.includes(finding.kind) ? "" : `: ${because(finding)}`);
        expect(listed(others(varied), text), `seed ${seed}`).toEqual(listed(others(plain), text));
        expect(wrongOfOpenSpans(capture, replay, plain), `seed ${seed}`).toEqual([]);
      }
    },
  );
});

/** Of the findings about open spans: each that was there must be, and one that was not must be allowed by what happened. */
function wrongOfOpenSpans(capture: Capture, replay: Replay, plain: readonly ReplayedFinding[]): string[] {
  const isAbandoned = ({ kind }: ReplayedFinding) => kind === "abandoned-span";
  const varied = new Set(openOf(replay).filter(isAbandoned).map(about));
  const lost = plain.filter((finding) => isAbandoned(finding) && !varied.has(about(finding)));
  const open = { ...replay, findings: openOf(replay).filter(isAbandoned) };
  return [
    ...lost.map((finding) => `missed ${about(finding)}`),
    ...judgeReplay({ ...capture, expected: { ...capture.expected, expect: expectedLoosely(capture) } }, open, new Set()),
  ];
}

/** What is expected, without its cause and certainty. */
const expectedLoosely = ({ expected }: Capture) => (expected.expect ?? []).map(({ causes: _, certainty: __, ...rule }) => rule);

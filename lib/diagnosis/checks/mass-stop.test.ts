import { expect, test } from "vitest";
import { connectionEvidence, drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { ownIdOf, spanIdOf } from "@/lib/testing/spans";
import { baselineKey, withDurations } from "../baseline";
import type { TraceEvidence } from "../check";
import { closingOf, type Standing } from "../closing";
import { diagnose } from "../diagnose";
import type { ProcessEvidence } from "../process-evidence";
import { massStop } from "./mass-stop";

/** A column is 10 s. w1 falls silent at 400 s with three fetches at work; main goes on. */
const CRAWL = `
  crawl       |............................................................   @main
    list      |--------------------------------------------|   @main
    fetch a   |.......................................*   @w1
    fetch b                                           |....   @w1
    fetch c                                           |   @w1
`;
const SILENT_MS = 400_000;
const worker = (changes: Partial<ProcessEvidence> = {}) => {
  const received = { firstReceivedMs: 1, lastReceivedMs: SILENT_MS };
  const connections = [connectionEvidence("w1", { ...received, requests: 200, direct: true })];
  return processEvidence("w1", { ...received, longestPauseMs: 2_500, connections, ...changes });
};
const other = (changes: Partial<ProcessEvidence> = {}) =>
  processEvidence("main", { firstReceivedMs: 1, lastReceivedMs: 460_000, longestPauseMs: 20_000, ...changes });
const crawl = (
  options: { drawing?: string; nowMs?: number; w1?: Partial<ProcessEvidence>; main?: Partial<ProcessEvidence> } & Partial<
    Parameters<typeof drawEvidence>[1]
  > = {},
): TraceEvidence => {
  const { drawing = CRAWL, nowMs = 470_000, w1, main, ...rest } = options;
  return drawEvidence(drawing, { nowMs, msPerColumn: 10_000, processes: [worker(w1), other(main)], ...rest });
};
const find = (...args: Parameters<typeof crawl>) => massStop.find(crawl(...args));
const kindsOf = (evidence: TraceEvidence) => diagnose(evidence).findings.map(({ kind }) => kind);

test("a process that falls silent with three things at work, while another goes on, hangs as a whole: one finding", () => {
  const { findings } = find();
  expect(findings).toMatchObject([
    {
      severity: "error",
      certainty: "likely",
      count: 3,
      processId: ownIdOf("w1"),
      title: { id: "mass-stop.title", args: { count: 3, others: 1 } },
      causes: [{ id: "hung", certainty: "likely" }, { id: "process-died" }],
    },
  ]);
  expect(new Set(findings[0]?.spanIds)).toEqual(new Set(["fetch a", "fetch b", "fetch c"].map(spanIdOf)));
});

test("behind a Collector nobody knows whether it is there: then it has died, more likely", () => {
  const connections = [connectionEvidence("w1", { firstReceivedMs: 1, lastReceivedMs: SILENT_MS, requests: 200, direct: false })];
  expect(find({ w1: { connections } }).findings).toMatchObject([{ causes: [{ id: "process-died" }, { id: "hung" }] }]);
});

test("a process that is known to have ended is told by its abandoned spans, and not counted twice", () => {
  const connections = [
    connectionEvidence("w1", { firstReceivedMs: 1, lastReceivedMs: SILENT_MS, requests: 200, closedMs: SILENT_MS + 5_000 }),
  ];
  const kinds = kindsOf(crawl({ w1: { connections } }));
  expect(kinds.filter((kind) => kind === "abandoned-span")).toHaveLength(3);
  expect(kinds).not.toContain("mass-stop");
});

test("three calls that all wait are no stop of a process that has not talked for long, nor of one that pauses now and then", () => {
  expect(find({ w1: { firstReceivedMs: 300_000 } }).findings).toEqual([]);
  expect(find({ w1: { longestPauseMs: 30_000 } }).findings).toEqual([]);
  expect(find({ w1: { longestPauseMs: null } }).findings).toEqual([]);
});

test("spans of one call nest: one that takes long is no stop", () => {
  const nested = CRAWL.replace("    fetch b  ", "      fetch b").replace("    fetch c    ", "        fetch c");
  expect(find({ drawing: nested }).findings).toEqual([]);
});

test("where all are silent it is the way to us, or the night; and a replacement that talks is no witness", () => {
  expect(find({ main: { lastReceivedMs: SILENT_MS + 1_000 } }).findings).toEqual([]);
  expect(find({ main: { firstReceivedMs: SILENT_MS + 1_000 } }).findings).toEqual([]);
});

test("what had rested for long before is not what it was at: three idle sockets of a process that goes to sleep", () => {
  const idle = CRAWL.replace(/fetch b +\|/, "fetch b   |..").replace(/fetch c +\|/, "fetch c   |..");
  expect(find({ drawing: idle }).findings).toEqual([]);
});

test("it waits for ten times its longest pause, and asks to be looked at again then and while nobody else has reported", () => {
  const { findings, lookAgainAtMs } = find({ nowMs: 420_000 });
  expect(findings).toEqual([]);
  expect(lookAgainAtMs).toBe(crawl().processes.get(ownIdOf("w1"))!.lastReceivedMs + 30_000);
  expect(find({ main: { lastReceivedMs: SILENT_MS } }).lookAgainAtMs).toBeGreaterThan(crawl().nowMs + 30_000);
});

test("spans that are stale all at once with their process are one incident, even of one that had not talked for long", () => {
  const late = { nowMs: 1_100_000, main: { lastReceivedMs: 1_090_000 } };
  const evidence = crawl({ ...late, w1: { firstReceivedMs: 380_000 } });
  expect(massStop.find(evidence).findings).toMatchObject([{ certainty: "possible" }]);
  const stale = diagnose(evidence).findings.filter(({ kind }) => kind === "stale-span");
  expect(stale.map(({ spanIds }) => spanIds[0])).toEqual([spanIdOf("crawl")]);
  const usual = withDurations(null, Array(40).fill(2_000));
  const baselines = new Map(["fetch a", "fetch b", "fetch c"].map((name) => [baselineKey("shop", name), usual]));
  expect(massStop.find(crawl({ ...late, w1: { firstReceivedMs: 380_000 }, baselines })).findings).toMatchObject([{ certainty: "likely" }]);
});

test("it goes on, it ends, or it turns out to be dead: in none of them were we wrong", () => {
  const standing: Standing = {
    kind: "mass-stop",
    spanIds: ["fetch a", "fetch b", "fetch c"].map(spanIdOf),
    missingSpanId: null,
    processId: ownIdOf("w1"),
  };
  const closing = (evidence: TraceEvidence) => closingOf(standing, evidence, diagnose(evidence).findings);
  expect(closing(crawl({ w1: { lastReceivedMs: 465_000 } }))).toMatchObject({
    state: "resolved",
    because: { id: "closed.process-came-back" },
  });
  const connections = [
    connectionEvidence("w1", { firstReceivedMs: 1, lastReceivedMs: SILENT_MS, requests: 200, closedMs: SILENT_MS + 5_000 }),
  ];
  expect(closing(crawl({ w1: { connections } }))).toMatchObject({ because: { id: "closed.became", args: { kind: "abandoned-span" } } });
});

test("stale spans that turn out to be a stop of their process are replaced, not taken back", () => {
  const evidence = crawl({ nowMs: 1_100_000, main: { lastReceivedMs: 1_090_000 } });
  const standing: Standing = { kind: "stale-span", spanIds: [spanIdOf("fetch b")], missingSpanId: null, processId: ownIdOf("w1") };
  expect(closingOf(standing, evidence, diagnose(evidence).findings)).toMatchObject({
    state: "resolved",
    because: { args: { kind: "mass-stop" } },
  });
});

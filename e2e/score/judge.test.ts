import { expect, test } from "vitest";
import type { Expected } from "./capture";
import { type Judged, judge } from "./judge";
import type { Replayed } from "./replay";
import { complaintsOf, scoreOf } from "./table";

const KINDS = new Set(["abandoned-span", "orphaned-span"]);
const DELTA_MS = 1000;

const finding = (fields: Partial<Judged>): Judged => ({
  id: "1",
  kind: "abandoned-span",
  severity: "error",
  certainty: "likely",
  state: "open",
  cause: "process-died",
  count: 1,
  title: "",
  traceId: "new-t1",
  spanIds: ["s1"],
  missingSpanId: null,
  evidence: [],
  openedAt: "2026-11-24T12:00:02.000Z",
  process: { pid: 7 },
  ...fields,
});

/** A capture in which pid 7 started span s1 in trace t1 and died at 12:00:00 of the replay. */
const capture = (expected: Partial<Expected>): Replayed => ({
  id: "case",
  wallMs: 0,
  events: [],
  bodies: new Map(),
  traceIds: ["new-t1"],
  services: ["case"],
  answers: [],
  release: () => {},
  deltaMs: DELTA_MS,
  renamed: (id) => `new-${id}`,
  truth: [
    { t: 0, pid: 7, event: "span-start", span: "s1" },
    { t: (Date.parse("2026-11-24T12:00:00.000Z") - DELTA_MS) / 1000, pid: 7, event: "process-exit" },
  ],
  expected: { expect: [], ...expected },
});
const abandoned = { kind: "abandoned-span", trace: "t1", span: "s1", causes: ["process-died"], certainty: ["proved", "likely"] };
const say = (expected: Partial<Expected>, findings: Judged[], spans: Record<string, string | null> = {}) => {
  const shown = Object.entries(spans).map(
    ([spanId, endTimeUnixNano]) => [spanId, { spanId, endTimeUnixNano, parentSpanId: null, name: "", state: "" }] as const,
  );
  return judge(capture(expected), findings, new Map(shown), KINDS);
};

test("a finding that is expected is found, and how long after the death it was told is measured", () => {
  const verdict = say({ expect: [abandoned] }, [finding({})]);
  expect(complaintsOf(verdict)).toEqual([]);
  expect(verdict.rules[0]?.latencyMs).toBe(2000);
});

test("what is missed, has a wrong cause or too little certainty, or was withdrawn by the end is complained of", () => {
  expect(complaintsOf(say({ expect: [abandoned] }, []))).toEqual([expect.stringContaining("missed abandoned-span s1")]);
  expect(complaintsOf(say({ expect: [abandoned] }, [finding({ spanIds: ["s2"] })]))).toHaveLength(2);
  expect(complaintsOf(say({ expect: [abandoned] }, [finding({ state: "retracted" })]))).toHaveLength(1);
  expect(complaintsOf(say({ expect: [abandoned] }, [finding({ cause: "hung" })]))).toEqual([
    expect.stringContaining("cause hung, not process-died"),
  ]);
  expect(complaintsOf(say({ expect: [abandoned] }, [finding({ certainty: "possible" })]))).toEqual([
    expect.stringContaining("possible, not proved"),
  ]);
});

test("a loud finding that nobody expects is false, a quiet or an allowed one is not; withdrawing one is complained of too", () => {
  expect(complaintsOf(say({}, [finding({})]))).toEqual([expect.stringContaining("false abandoned-span")]);
  expect(complaintsOf(say({}, [finding({ severity: "info" })]))).toEqual([]);
  expect(complaintsOf(say({ allow: [{ kind: "abandoned-span" }] }, [finding({})]))).toEqual([]);
  expect(complaintsOf(say({}, [finding({ state: "resolved" })]))).toEqual([expect.stringContaining("withdrawn abandoned-span")]);
});

test("one finding may stand for several workers, and must stand for as many as were lost", () => {
  const rule = { kind: "orphaned-span", trace: "t1", count: 3 };
  const orphan = (count: number) => finding({ kind: "orphaned-span", count });
  expect(complaintsOf(say({ expect: [rule] }, [orphan(3)]))).toEqual([]);
  expect(complaintsOf(say({ expect: [rule] }, [orphan(2), { ...orphan(1), id: "2" }]))).toEqual([]);
  expect(complaintsOf(say({ expect: [rule] }, [orphan(2)]))).toEqual([expect.stringContaining("missed")]);
});

test("kinds that have no check yet are not counted as missed", () => {
  expect(complaintsOf(say({ expect: [{ kind: "silent-worker" }] }, []))).toEqual([]);
});

test("spans that are shown open or ended otherwise than they were are complained of", () => {
  const expected = { ongoing: ["s1", "s2"], closedAt: { s3: "5000000", s4: "6000000" } };
  const spans = { s1: null, s2: "1", s3: "1005000000", s4: "7" };
  expect(complaintsOf(say(expected, [], spans))).toEqual(["span s2 should be open, is 1", "span s4 should be 1006000000, is 7"]);
});

test("recall, precision and the share of right causes are counted over all captures", () => {
  const verdicts = [
    say({ expect: [abandoned, { kind: "orphaned-span" }] }, [finding({}), finding({ id: "2", spanIds: ["s9"] })]),
    say({ expect: [abandoned] }, [finding({ cause: "hung" })]),
  ];
  expect(scoreOf(verdicts)).toEqual({ recall: 2 / 3, precision: 2 / 3, cause: 1 / 2 });
});

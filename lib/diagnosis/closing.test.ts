import { expect, test } from "vitest";
import { drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { ownIdOf, spanIdOf } from "@/lib/testing/spans";
import { closingOf, type Standing } from "./closing";
import { diagnose } from "./diagnose";
import type { FindingDraft, Kind } from "./finding";

const standing = (changes: Partial<Standing>): Standing => ({
  kind: "abandoned-span",
  spanIds: [spanIdOf("job")],
  missingSpanId: null,
  processId: ownIdOf("main"),
  ...changes,
});
const close = (drawing: string, changes: Partial<Standing> = {}) => {
  const evidence = drawEvidence(drawing, { nowMs: 60_000 });
  return closingOf(standing(changes), evidence, diagnose(evidence).findings);
};

test("the end of an abandoned span arrives: it was true as far as anyone could know, and it is over", () => {
  expect(close("job   |----|")).toMatchObject({ state: "resolved", because: { id: "closed.end-arrived" } });
});

test("a process that reports again was never gone: the finding is taken back, which counts as our mistake", () => {
  expect(close("job   |....")).toMatchObject({ state: "retracted", because: { id: "closed.process-came-back" } });
});

test("what becomes worse is replaced, not taken back", () => {
  const evidence = drawEvidence("job   |....", { nowMs: 700_000 });
  expect(closingOf(standing({ kind: "ongoing-span" }), evidence, diagnose(evidence).findings)).toMatchObject({
    state: "resolved",
    because: { id: "closed.became", args: { kind: "stale-span" } },
  });
});

test("what somebody expects to be long was true, and is no mistake of ours; a death since then is worse", () => {
  const expected = new Map([[spanIdOf("job"), { id: "r", service: null, spanName: "job", attribute: null, spanKind: null }]]);
  const stale = standing({ kind: "stale-span" });
  const alive = drawEvidence("job   |....", { nowMs: 700_000, expected });
  expect(closingOf(stale, alive, diagnose(alive).findings)).toMatchObject({ state: "resolved", because: { id: "closed.expected" } });
  const ended = drawEvidence("job   |....", { nowMs: 700_000, expected, processes: [processEvidence("main", { exitedMs: 60_000 })] });
  expect(closingOf(stale, ended, diagnose(ended).findings)).toMatchObject({ state: "resolved", because: { id: "closed.became" } });
});

test("a parent that was thought to run still and turns out to be lost was rightly called open, whatever tells of it now", () => {
  const evidence = drawEvidence("(job)\n  child  |--|", { nowMs: 700_000 });
  const [like] = diagnose(drawEvidence("job   |....", { nowMs: 60_000 })).findings as [FindingDraft];
  const lost = (kind: Kind): FindingDraft => ({ ...like, kind, spanIds: [spanIdOf("child")], missingSpanId: spanIdOf("job") });
  const open = standing({ kind: "ongoing-span", spanIds: [spanIdOf("child")], missingSpanId: spanIdOf("job") });
  for (const kind of ["orphaned-span", "lost-batch", "rewritten-traceparent"] as const) {
    expect(closingOf(open, evidence, [lost(kind)])).toMatchObject({ state: "resolved", because: { args: { kind } } });
  }
  expect(closingOf({ ...open, kind: "endless-root" }, evidence, [lost("orphaned-span")])).toMatchObject({ state: "resolved" });
});

test("the missing parent lands late", () => {
  const orphan = { kind: "orphaned-span" as const, spanIds: [spanIdOf("child")], missingSpanId: spanIdOf("job") };
  expect(close("job   |-----|\n  child  |--|", orphan)).toMatchObject({ state: "resolved", because: { id: "closed.parent-arrived" } });
});

test("the span of logs lands late, or spans come that name it: neither is a mistake of ours", () => {
  const logs = { kind: "orphaned-log" as const, spanIds: [spanIdOf("job")], missingSpanId: spanIdOf("job") };
  expect(close("job   |-----|", logs)).toMatchObject({ state: "resolved", because: { id: "closed.span-arrived" } });
  const named = drawEvidence("(job)\n  step   |--|", {
    nowMs: 60_000,
    starts: false,
    processes: [processEvidence("main", { exitedMs: 100 })],
  });
  const told = [{ kind: "orphaned-span", spanIds: [spanIdOf("step")], missingSpanId: spanIdOf("job") }] as unknown as FindingDraft[];
  expect(closingOf(standing(logs), named, told)).toMatchObject({ state: "resolved", because: { id: "closed.became" } });
});

test("what rested on data that is too old to be kept is over, and not a mistake of ours", () => {
  const orphan = standing({ kind: "orphaned-span", spanIds: [spanIdOf("step")], missingSpanId: spanIdOf("job") });
  const cut = drawEvidence("(job)\n  step   |--|", { nowMs: 60_000, isCut: true });
  expect(closingOf(orphan, cut, [])).toMatchObject({ state: "resolved", because: { id: "closed.too-old" } });
});

test("what the data does not show any more is taken back", () => {
  expect(close("job   |----|", { kind: "several-roots" })).toMatchObject({ state: "retracted", because: { id: "closed.no-longer-seen" } });
});

test("a process that dies with 50 000 spans open closes as many findings in no time", () => {
  const ids = Array.from({ length: 50_000 }, (_, i) => spanIdOf(`open ${i}`));
  const evidence = drawEvidence("job   |....", { nowMs: 60_000 });
  const [like] = diagnose(evidence).findings as [FindingDraft];
  const findings = ids.map((spanId): FindingDraft => ({ ...like, kind: "abandoned-span", spanIds: [spanId] }));
  const startedMs = performance.now();
  const states = ids.map((spanId) => closingOf(standing({ kind: "ongoing-span", spanIds: [spanId] }), evidence, findings).state);
  // Looking for each among all of them takes far longer, on any machine.
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect(new Set(states)).toEqual(new Set(["resolved"]));
});

import { expect, test } from "vitest";
import type { SpanRecord } from "@/lib/otel/span";
import { drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { diagnose } from "../diagnose";
import { absurdClock } from "./absurd-clock";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A minute of work, arriving as it happens; `shift` moves the arrivals, as a clock that is wrong does. */
const WORK = `
  job       |------------------------------------------------------------|   @main
    step 1    |------|                                                       @main
    step 2                                                 |------|          @main
`;
function evidenceOf(shiftMs: number, of: (record: SpanRecord) => boolean = () => true) {
  const evidence = drawEvidence(WORK, { nowMs: 70_000, msPerColumn: 1_000 });
  for (const { records } of evidence.spans) for (const record of records) if (of(record)) record.receivedMs += shiftMs;
  return { ...evidence, nowMs: evidence.nowMs + Math.max(0, shiftMs) };
}
const find = (...args: Parameters<typeof evidenceOf>) => absurdClock.find(evidenceOf(...args)).findings;

test("data from three hours ahead cannot be: the clock is wrong, and that belongs to no trace", () => {
  const findings = find(-3 * HOUR_MS);
  expect(findings).toMatchObject([
    {
      traceId: null,
      severity: "warning",
      certainty: "proved",
      count: 3,
      title: { id: "absurd-clock.ahead-title" },
      causes: [{ id: "clock" }, {}],
    },
  ]);
  expect(findings[0]?.title.args.duration).toBeGreaterThan(2.9 * HOUR_MS);
  expect(findings[0]?.evidence.at(-1)?.ref?.type).toBe("trace");
});

test("one moment in the future among right ones was written by the program, or in another unit", () => {
  expect(find(-3 * HOUR_MS, ({ spanId, phase }) => spanId === spanIdOf("step 2") && phase === "end")).toMatchObject([
    { count: 1, spanIds: [spanIdOf("step 2")], causes: [{ id: "corrupt-data", certainty: "likely" }, { id: "clock" }] },
  ]);
});

test("a process that keeps pace with us, two days behind, has a wrong clock", () => {
  expect(find(2 * DAY_MS)).toMatchObject([
    { certainty: "likely", title: { id: "absurd-clock.behind-title" }, causes: [{ id: "clock" }, {}] },
  ]);
});

test("moments from before there was OpenTelemetry are no late data", () => {
  const evidence = evidenceOf(0);
  for (const { records } of evidence.spans) {
    for (const record of records) {
      record.startTimeUnixNano /= 1_000n; // µs where ns belong
      if (record.endTimeUnixNano !== null) record.endTimeUnixNano /= 1_000n;
    }
  }
  expect(absurdClock.find(evidence).findings).toMatchObject([
    { certainty: "proved", count: 3, title: { id: "absurd-clock.before-title" }, causes: [{ id: "corrupt-data" }, { id: "clock" }] },
  ]);
});

test("stored data that arrives days later in one go, or faster than it happened, is late and no clock's fault", () => {
  const evidence = evidenceOf(2 * DAY_MS);
  for (const { records } of evidence.spans) for (const record of records) record.receivedMs = evidence.nowMs - 1_000;
  expect(absurdClock.find(evidence).findings).toEqual([]);
  const kinds = diagnose(evidence).findings.map(({ kind, severity }) => `${kind} ${severity}`);
  expect(kinds).toContain("late-data info");
  expect(kinds.filter((kind) => !kind.endsWith("info"))).toEqual([]);
});

test("half an hour ahead, an hour behind, a retry of a day, and times that cannot be at all are not told here", () => {
  expect(find(-HOUR_MS / 2)).toEqual([]);
  expect(find(HOUR_MS)).toEqual([]);
  expect(find(2 * DAY_MS, ({ spanId }) => spanId === spanIdOf("step 1"))).toEqual([]);
  const evidence = evidenceOf(0);
  for (const { records } of evidence.spans) Object.assign(records.at(-1) as SpanRecord, { endTimeUnixNano: 1n << 63n });
  expect(absurdClock.find(evidence).findings).toEqual([]);
  const backwards = evidenceOf(0);
  for (const { records } of backwards.spans) Object.assign(records.at(-1) as SpanRecord, { endTimeUnixNano: 1n });
  expect(absurdClock.find(backwards).findings).toEqual([]);
});

test("processes of one host have one clock: they are told as one", () => {
  const drawing = "a |---| @one\nb |---| @two";
  const processes = [processEvidence("one", { host: "h" }), processEvidence("two", { host: "h" })];
  const evidence = drawEvidence(drawing, { nowMs: 70_000, processes });
  for (const { records } of evidence.spans) for (const record of records) record.receivedMs -= 2 * HOUR_MS;
  expect(new Set(absurdClock.find(evidence).findings.map(({ subject }) => subject)).size).toBe(1);
});

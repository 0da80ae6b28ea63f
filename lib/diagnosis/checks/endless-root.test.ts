import { expect, test } from "vitest";
import type { Span, SpanKind } from "@/lib/otel/span";
import { unixNanoOfMs } from "@/lib/otel/time";
import { buildSpanTree } from "@/lib/span-tree/build-span-tree";
import { resolveSpans } from "@/lib/span-tree/resolve-spans";
import { connectionEvidence, drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { spanIdOf, spanRecord, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { baselineKey, withDurations } from "../baseline";
import type { TraceEvidence } from "../check";
import { closingOf, type Standing } from "../closing";
import { diagnose } from "../diagnose";
import type { ProcessEvidence } from "../process-evidence";
import { endlessRoot } from "./endless-root";

const HOUR_MS = 3_600_000;
interface Service {
  /** Requests that were served, spread evenly over `hours`. */
  units?: number;
  hours?: number;
  kind?: SpanKind;
  /** Ms after the begin at which the root ended; null: it is open; "missing": nobody sent it. */
  root?: number | null | "missing";
  /** Spans of other traces' kind: roots beside it. */
  beside?: number;
  process?: Partial<ProcessEvidence>;
  baselines?: TraceEvidence["baselines"];
}

/**
 *   main       |............................   for hours
 *     GET /      |-|   |-|   |-|   |-|         requests, each 10 ms
 */
function evidenceOf({
  units = 500,
  hours = 2,
  kind = "server",
  root = null,
  beside = 0,
  process,
  baselines = new Map(),
}: Service = {}): TraceEvidence {
  const endMs = hours * HOUR_MS;
  const at = (ms: number) => ({ startTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + ms), receivedMs: TEST_EPOCH_MS + ms + 20 });
  const request = (name: string, ms: number, parent: string | null) =>
    spanRecord({
      name,
      spanId: spanIdOf(name),
      parentSpanId: parent === null ? null : spanIdOf(parent),
      kind,
      ...at(ms),
      endTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + ms + 10),
    });
  const main = spanRecord({ name: "main", phase: "start", ...at(0), endTimeUnixNano: null });
  const records = [
    ...(root === "missing" ? [] : [main]),
    ...(typeof root === "number" ? [spanRecord({ name: "main", ...at(0), endTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + root) })] : []),
    ...Array.from({ length: units }, (_, i) => request(`GET /${i}`, ((i + 1) * endMs) / units, "main")),
    ...Array.from({ length: beside }, (_, i) => request(`beside ${i}`, ((i + 1) * endMs) / beside, null)),
  ];
  const spans: Span[] = resolveSpans(records);
  const lastReceivedMs = endMs + 20;
  const processes = [processEvidence("main", { firstReceivedMs: 0, lastReceivedMs, longestPauseMs: 60_000, ...process })];
  const drawn = drawEvidence("main |..", { nowMs: endMs + 1_000, processes, baselines });
  return { ...drawn, spans, tree: buildSpanTree(spans), firstReceivedMs: TEST_EPOCH_MS, lastReceivedMs: TEST_EPOCH_MS + lastReceivedMs };
}
const find = (service: Service = {}) => endlessRoot.find(evidenceOf(service)).findings;
const kindsOf = (evidence: TraceEvidence) => diagnose(evidence).findings.map(({ kind }) => kind);

test("a service that serves all its requests below one span for hours is told so, with the cure", () => {
  expect(find()).toMatchObject([
    {
      severity: "warning",
      certainty: "likely",
      subject: spanIdOf("main"),
      title: { id: "endless-root.title", args: { span: "main", count: 500, duration: 2 * HOUR_MS } },
      causes: [{ id: "never-ended" }, { id: "running" }],
      advice: [{ id: "A8" }],
    },
  ]);
});

test("where the SDK reports only ends, the root is known by its children alone", () => {
  const plain = { userAgent: "OTel-OTLP-Exporter-JavaScript/0.223.1", sdkLanguage: "nodejs", logfireVersion: null };
  expect(find({ root: "missing", process: plain })).toMatchObject([
    { missingSpanId: spanIdOf("main"), title: { id: "endless-root.inferred-title" }, advice: [{ id: "A8" }, { id: "A7" }] },
  ]);
});

test("the finding does not change with every request", () => {
  const [one, more] = [find({ units: 501 })[0], find({ units: 509, hours: 2.2 })[0]];
  expect(more?.title).toEqual(one?.title);
  expect(more?.evidence).toEqual(one?.evidence);
});

test("a large trace of ten minutes is enough where requests are served; a job of that size needs its hour too", () => {
  expect(find({ units: 10_500, hours: 0.25 })).toHaveLength(1);
  expect(find({ units: 10_500, hours: 0.1 })).toEqual([]);
  expect(find({ units: 10_500, hours: 0.25, kind: "internal" })).toEqual([]);
  expect(find({ units: 10_500, hours: 2, kind: "internal" })).toMatchObject([{ certainty: "possible" }]);
});

test("a long job in a few phases, a root that ended, and a trace with other roots are silent", () => {
  expect(find({ units: 50 })).toEqual([]);
  expect(find({ kind: "internal" })).toEqual([]);
  expect(find({ root: 2 * HOUR_MS + 500 })).toEqual([]);
  expect(find({ beside: 100 })).toEqual([]);
});

test("a span that began long after its process is some long work of it, not its life", () => {
  expect(find({ process: { firstReceivedMs: -HOUR_MS } })).toEqual([]);
});

test("a root whose like have ended, or that is expected to run long, is a long job", () => {
  const history = withDurations(null, Array(40).fill(3 * HOUR_MS));
  expect(find({ baselines: new Map([[baselineKey("shop", "main"), history]]) })).toEqual([]);
  const evidence = evidenceOf();
  const rule = { id: "1", service: "shop", spanName: "main", attribute: null, spanKind: null };
  expect(endlessRoot.find({ ...evidence, expected: new Map([[spanIdOf("main"), rule]]) }).findings).toEqual([]);
});

test("its process ended: then it is abandoned, and not endless besides", () => {
  const connections = [connectionEvidence("main", { lastReceivedMs: 2 * HOUR_MS, closedMs: 2 * HOUR_MS + 25 })];
  const evidence = { ...evidenceOf({ process: { connections } }), nowMs: TEST_EPOCH_MS + 3 * HOUR_MS };
  expect(kindsOf(evidence)).toContain("abandoned-span");
  expect(kindsOf(evidence)).not.toContain("endless-root");
});

test("a service that rests for a while is endless, and not stale besides", () => {
  const evidence = { ...evidenceOf(), nowMs: TEST_EPOCH_MS + 2 * HOUR_MS + 1_200_000 };
  expect(kindsOf(evidence)).toEqual(["endless-root", "ongoing-span"]);
  // What it was to be stale at is over: nothing more to wait for, least of all in the past.
  expect(diagnose(evidence).lookAgainAtMs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(evidence.nowMs);
});

test("its end, or its death, is no mistake of ours; another trace's share is", () => {
  const standing: Standing = { kind: "endless-root", spanIds: [spanIdOf("main")], missingSpanId: null, processId: null };
  const closing = (evidence: TraceEvidence) => closingOf(standing, evidence, diagnose(evidence).findings);
  expect(closing(evidenceOf({ root: 2 * HOUR_MS + 500 }))).toMatchObject({ state: "resolved", because: { id: "closed.end-arrived" } });
  const connections = [connectionEvidence("main", { lastReceivedMs: 2 * HOUR_MS, closedMs: 2 * HOUR_MS + 25 })];
  const dead = { ...evidenceOf({ process: { connections } }), nowMs: TEST_EPOCH_MS + 3 * HOUR_MS };
  expect(closing(dead)).toMatchObject({ state: "resolved", because: { id: "closed.became", args: { kind: "abandoned-span" } } });
  expect(closing(evidenceOf({ beside: 100 }))).toMatchObject({ state: "retracted", because: { id: "closed.no-longer-seen" } });
});

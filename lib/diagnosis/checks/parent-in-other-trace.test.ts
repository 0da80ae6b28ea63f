import { describe, expect, test } from "vitest";
import type { SpanElsewhere } from "@/lib/diagnosis/check";
import { closingOf } from "@/lib/diagnosis/closing";
import { diagnose } from "@/lib/diagnosis/diagnose";
import { asksForParentsElsewhere, soleParents } from "@/lib/diagnosis/parents-elsewhere";
import { unixNanoOfMs } from "@/lib/otel/time";
import { drawEvidence, type EvidenceOptions } from "@/lib/testing/evidence";
import { spanIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { parentInOtherTrace } from "./parent-in-other-trace";

const HERE = "4bf92f3577b34da6a3ce929d0e0e4736";
const THERE = "11111111111111112222222222222222";
const RESTARTED = `
  (call pay)
    POST /pay   |----|    @pay  server remote
`;
const call = (changes: Partial<SpanElsewhere> = {}): SpanElsewhere => ({
  traceId: THERE,
  spanId: spanIdOf("call pay"),
  name: "call pay",
  service: "shop",
  startTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS - 10),
  endTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 20),
  ...changes,
});
const evidenceOf = (found: SpanElsewhere[], options: Partial<EvidenceOptions> = {}, drawing = RESTARTED) =>
  drawEvidence(drawing, {
    nowMs: 60_000,
    traceId: HERE,
    starts: false,
    settings: { settleMs: 3_000 },
    parentsElsewhere: new Map(found.map((span) => [span.spanId, span])),
    ...options,
  });
const find = (...args: Parameters<typeof evidenceOf>) => parentInOtherTrace.find(evidenceOf(...args)).findings;

test("the parent that is missing here was received in another trace: told with that parent, and not as an orphan too", () => {
  const { findings } = diagnose(evidenceOf([call()]));
  expect(findings).toMatchObject([
    {
      kind: "parent-in-other-trace",
      severity: "warning",
      certainty: "likely",
      spanIds: [spanIdOf("POST /pay")],
      missingSpanId: spanIdOf("call pay"),
      proposedParents: [{ spanId: spanIdOf("POST /pay"), traceId: THERE, parentSpanId: spanIdOf("call pay") }],
      causes: [{ id: "context-rewritten" }],
      title: { args: { parent: "call pay", service: "shop", trace: THERE } },
    },
  ]);
  expect(diagnose(evidenceOf([])).findings.map(({ kind }) => kind)).toEqual(["orphaned-span"]);
});

test("an orphan whose parent turns up in another trace later was no false alarm", () => {
  const evidence = evidenceOf([call()]);
  const orphan = { kind: "orphaned-span" as const, spanIds: [spanIdOf("POST /pay")], missingSpanId: spanIdOf("call pay"), processId: null };
  expect(closingOf(orphan, evidence, parentInOtherTrace.find(evidence).findings).state).toBe("resolved");
});

describe("what cannot have been the parent", () => {
  test("a span that began after the child, further off than clocks are", () => {
    expect(find([call({ startTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 5_000) })])).toHaveLength(1);
    expect(find([call({ startTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 70_000), endTimeUnixNano: null })])).toEqual([]);
  });
  test("one that had ended hours before", () => {
    const [start, end] = [-9_000_000, -8_000_000].map((ms) => unixNanoOfMs(TEST_EPOCH_MS + ms));
    expect(find([call({ startTimeUnixNano: start ?? 0n, endTimeUnixNano: end ?? null })])).toEqual([]);
  });
  test("the other half of a trace id that was cut: that is truncated-trace-id", () => {
    expect(find([call({ traceId: `${"0".repeat(16)}${HERE.slice(16)}` })])).toEqual([]);
  });
});

describe("what was found in other traces", () => {
  const [missing, child] = [spanIdOf("call pay"), spanIdOf("POST /pay")];
  const own = new Set([child]);
  test("counts when one other trace has it", () => expect(soleParents([missing], own, [call(), call()]).get(missing)).toEqual(call()));
  test("is a repeated id when several have", () => {
    expect(soleParents([missing], own, [call(), call({ traceId: "3".repeat(32) })]).size).toBe(0);
  });
  test("comes from a cloned generator when the trace has the child's id as well", () => {
    expect(soleParents([missing], own, [call(), call({ spanId: child })]).size).toBe(0);
  });
});

describe("other traces are searched", () => {
  const external = { pay: { remoteParents: 100, neverReceived: 100, distinctMissing: 100 } };
  const OUTSIDE = "(call pay)\n  POST /pay   |----|    @pay/pay  server remote";
  test("once the trace is quiet, and only for missing parents", () => {
    expect(asksForParentsElsewhere(evidenceOf([]))).toBe(true);
    expect(asksForParentsElsewhere(evidenceOf([], { nowMs: 1_000 }))).toBe(false);
    expect(asksForParentsElsewhere(evidenceOf([], {}, "pay   |--|"))).toBe(false);
  });
  test("of few traces of a service whose callers never report: all of them would ask", () => {
    const ids = Array.from({ length: 1_600 }, (_, i) => (i * 7_919).toString(16).padStart(32, "0"));
    const asking = ids.filter((traceId) => asksForParentsElsewhere(evidenceOf([], { traceId, remoteParents: external }, OUTSIDE)));
    expect(asking.length).toBeGreaterThan(20);
    expect(asking.length).toBeLessThan(400);
  });
});

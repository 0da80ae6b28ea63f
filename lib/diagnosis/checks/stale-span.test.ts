import { expect, test } from "vitest";
import { drawEvidence, type EvidenceOptions } from "@/lib/testing/evidence";
import { spanIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { baselineKey, withDurations } from "../baseline";
import { diagnose } from "../diagnose";
import { expectedEvidence } from "../expected";
import { staleSpan } from "./stale-span";

const MINUTE = 60_000;
const DRAWING = "fetch   |......";
const usually = (ms: number) =>
  new Map([
    [
      baselineKey("shop", "fetch"),
      withDurations(
        null,
        Array.from({ length: 50 }, () => ms),
      ),
    ],
  ]);
const find = (drawing: string, options: EvidenceOptions) => staleSpan.find(drawEvidence(drawing, options));

test("a span open ten times longer than its like is stale, and says what is usual", () => {
  const { findings } = find(DRAWING, { nowMs: 25 * MINUTE, baselines: usually(2 * MINUTE) });
  expect(findings).toMatchObject([{ severity: "warning", certainty: "likely", spanIds: [spanIdOf("fetch")] }]);
  expect(findings[0]?.evidence.map(({ sentence }) => sentence.id)).toContain("evidence.usual");
});

test("what is usually long is left alone, and what is usually short has ten minutes", () => {
  expect(find(DRAWING, { nowMs: 19 * MINUTE, baselines: usually(2 * MINUTE) }).findings).toEqual([]);
  expect(find(DRAWING, { nowMs: 9 * MINUTE, baselines: usually(5) }).findings).toEqual([]);
  expect(find(DRAWING, { nowMs: 10 * MINUTE + 1_000, baselines: usually(5) }).findings).toHaveLength(1);
});

test("without history the deployment's own limit counts, and the finding is only possible", () => {
  expect(find(DRAWING, { nowMs: 9 * MINUTE }).findings).toEqual([]);
  expect(find(DRAWING, { nowMs: 11 * MINUTE }).findings).toMatchObject([{ certainty: "possible" }]);
});

test("consumer loops, web sockets and schedulers are long by design: work that goes on below them keeps them ongoing", () => {
  const loop = `
    consume    |..................
      message       |-|             late=540000
  `;
  expect(find(loop, { nowMs: 12 * MINUTE }).findings).toEqual([]);
});

test("a span that somebody expects to be long is never stale, with or without history, and nothing has to be looked at again for it", () => {
  const rule = { id: "r", service: "shop", spanName: "fetch", attribute: null, spanKind: null };
  const expected = new Map([[spanIdOf("fetch"), rule]]);
  const evidence = drawEvidence(DRAWING, { nowMs: 900 * MINUTE, expected });
  expect(diagnose(evidence)).toMatchObject({ findings: [{ kind: "ongoing-span", severity: "info" }], lookAgainAtMs: null });
  expect(diagnose(evidence).findings[0]?.evidence).toContainEqual(expectedEvidence(rule));
  expect(find(DRAWING, { nowMs: 900 * MINUTE, expected, baselines: usually(5) }).findings).toEqual([]);
});

test("the check asks to look again when the span would turn stale", () => {
  const evidence = drawEvidence(DRAWING, { nowMs: 100 });
  expect(evidence.spans[0]?.records[0]?.receivedMs).toBe(TEST_EPOCH_MS + 1);
  expect(staleSpan.find(evidence).findings).toEqual([]);
});

test("a process that goes on with other work is more likely to have forgotten the end than to hang", () => {
  const busy = `
    fetch      |........         @web
    ping            |-|          @web  late=640000
  `;
  expect(find(busy, { nowMs: 11 * MINUTE }).findings[0]?.causes[0]).toMatchObject({ id: "never-ended" });
  expect(find(DRAWING, { nowMs: 11 * MINUTE }).findings[0]?.causes[0]).toMatchObject({ id: "hung" });
});

test("a span of a process that has ended is abandoned, not also stale", () => {
  const gone = drawEvidence(DRAWING, { nowMs: 11 * MINUTE });
  for (const process of gone.processes.values())
    for (const connection of process.connections) Object.assign(connection, { closedMs: TEST_EPOCH_MS + 5, closedBy: "client" });
  expect(staleSpan.find(gone).findings).toEqual([]);
});

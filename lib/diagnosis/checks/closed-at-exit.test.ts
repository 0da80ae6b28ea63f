import { expect, test } from "vitest";
import { connectionEvidence, drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import type { ProcessEvidence } from "../process-evidence";
import { closedAtExit } from "./closed-at-exit";

/** All sent at once as the process left. */
const NESTED = `
  read      |--------------------|
    decode    |------------------|
      split     |----------------|
`;
const left = (changes: Partial<ProcessEvidence> = {}) =>
  processEvidence("main", {
    lastReceivedMs: 22,
    connections: [connectionEvidence("main", { lastReceivedMs: 22, closedMs: 24 })],
    ...changes,
  });
const find = (drawing: string, process: ProcessEvidence) =>
  closedAtExit.find(drawEvidence(drawing, { nowMs: 10_000, starts: false, processes: [process] }));

test("nested spans that end at once, parents first, as the last that their process sent, were closed by its exit handler", () => {
  const { findings } = find(NESTED, left());
  expect(findings).toMatchObject([{ count: 3, certainty: "likely", causes: [{ id: "exit-handler" }, { id: "never-ended" }] }]);
  expect(findings[0]?.spanIds[0]).toBe(spanIdOf("read"));
});

test("where only silence says that the process ended, it is no more than possible", () => {
  const tunnel = { pathReconnects: true, longestPauseMs: 10, lastReceivedMs: 22 };
  const connections = [connectionEvidence("main", { lastReceivedMs: 22, closedMs: 24, requests: 9 })];
  const evidence = drawEvidence(NESTED, { nowMs: 400_000, starts: false, processes: [left({ ...tunnel, connections })] });
  expect(closedAtExit.find(evidence).findings).toMatchObject([{ certainty: "possible" }]);
});

test("not while the process lives, nor for an SDK that has no such handler", () => {
  expect(find(NESTED, processEvidence("main", { lastReceivedMs: 22 })).findings).toEqual([]);
  expect(find(NESTED, left({ userAgent: "OTel-OTLP-Exporter-JavaScript/0.223.1", sdkLanguage: "nodejs" })).findings).toEqual([]);
});

test("code that is left in order ends its children before it", () => {
  expect(find("read     |---------------------|\n  decode   |------------------|", left({ lastReceivedMs: 23 })).findings).toEqual([]);
});

test("an exception that unwinds everything is no exit handler", () => {
  expect(find("read     |--------------------|  error\n  decode   |------------------|  error", left()).findings).toEqual([]);
});

test("what the process began after they ended, or a log it wrote, says that it was no exit", () => {
  expect(find(`${NESTED}  later                                              |-|`, left()).findings).toEqual([]);
});

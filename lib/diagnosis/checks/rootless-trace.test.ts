import { expect, test } from "vitest";
import { connectionEvidence, drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { rootlessTrace } from "./rootless-trace";

const PIECES = `
  (a)
    fetch page    |---|        @job
  (b)
    fetch page#2        |---|  @job
`;
const node = processEvidence("job", {
  userAgent: "OTel-OTLP-Exporter-JavaScript/0.223.1",
  sdkLanguage: "nodejs",
  logfireVersion: null,
  lastReceivedMs: 20,
  connections: [connectionEvidence("job", { lastReceivedMs: 20, closedMs: 300 })],
});
const find = (drawing: string, nowMs: number, traceId = "f".repeat(32)) =>
  rootlessTrace.find(drawEvidence(drawing, { nowMs, starts: false, settings: { settleMs: 3_000 }, processes: [node], traceId })).findings;

test("a trace in several pieces without a beginning says so, once", () => {
  expect(find(PIECES, 8_000)).toMatchObject([{ kind: "rootless-trace", severity: "warning", title: { args: { missing: 2, count: 2 } } }]);
});

test("with one missing parent the orphan finding says it all", () => {
  expect(find("(a)\n  fetch page   |---|   @job", 8_000)).toEqual([]);
});

test("not while the parents may still come, nor when there is a root", () => {
  expect(find(PIECES, 1_000)).toEqual([]);
  expect(find(`crawl   |-----------|   @job\n${PIECES}`, 8_000)).toEqual([]);
});

test("Logfire's trace ids tell when the trace began, and how much of it is not there", () => {
  const traceId = `${(1_767_225_587_600).toString(16).padStart(12, "0")}${"1".repeat(20)}`;
  expect(find(PIECES, 8_000, traceId)).toMatchObject([{ title: { id: "rootless-trace.gap-title", args: { duration: 12_400 } } }]);
});

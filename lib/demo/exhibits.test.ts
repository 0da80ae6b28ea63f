import { expect, test } from "vitest";
import type { CaptureEvent } from "@/lib/testing/captures/capture";
import { type Replay, replayCapture } from "@/lib/testing/captures/replay-capture";
import { TEST_EPOCH_MS } from "@/lib/testing/spans";
import type { Exhibit } from "./exhibits";
import { EXHIBITS } from "./gallery";
import { newTraceId, stepOf } from "./wire";

const SETTINGS = { settleMs: 3_000, staleAfterMs: 600_000 };
/** A span is stale after ten minutes by the server's clock: so long the replay of these goes on. */
const SLOW = new Set(["stale-span", "mass-stop"]);
const REPLAYED_MS = 620_000;

/** What the checks say of an exhibit's traffic, as its sender would put it on the wire, a request a ms. */
function told(exhibit: Exhibit): { replay: Replay; main: string } {
  const traceIds = exhibit.traceIds?.() ?? {};
  const main = traceIds.main ?? newTraceId();
  const events: CaptureEvent[] = [{ event: "start", at: 0, wallMs: TEST_EPOCH_MS }];
  const opened = new Set<number>();
  let at = 1;
  for (const { process, trace = "main", requests, connection, afterMs = 0 } of exhibit.acts()) {
    at += afterMs;
    if (!opened.has(process.pid)) events.push({ event: "open", at, conn: process.pid });
    opened.add(process.pid);
    for (const one of requests) {
      const step = stepOf(process, traceIds[trace] ?? main, one, { baseMs: TEST_EPOCH_MS, pidOffset: 0 });
      const own = { "user-agent": process.userAgent ?? "spanwatch-demo" };
      if ("pauseMs" in step) at += step.pauseMs;
      else if ("handshakes" in step) {
        for (let i = 0; i < step.handshakes; i++) {
          const conn = 1_000_000 + at;
          events.push({ event: "open", at, conn });
          events.push({ event: "request", at: at++, conn, method: "GET", path: "/v1/info", headers: own, status: 200 });
          events.push({ event: "close", at, conn, by: "client" });
        }
      } else {
        const body = Buffer.from(step.body, step.isRefused ? "latin1" : "utf8").toString("base64");
        const request = { method: "POST", path: step.path, headers: { ...own, ...step.headers }, body, status: step.isRefused ? 503 : 200 };
        events.push({ event: "request", at: at++, conn: process.pid, ...request });
      }
    }
    if (connection !== "close") continue;
    at += 400; // as lib/demo/sender.mjs
    events.push({ event: "close", at: at++, conn: process.pid, by: "client" });
  }
  if (SLOW.has(exhibit.kind)) events.push({ event: "stop", at: REPLAYED_MS });
  const capture = { id: exhibit.kind, events, truth: [], expected: {}, wallMs: TEST_EPOCH_MS };
  return { replay: replayCapture(capture, SETTINGS), main };
}

test.each(EXHIBITS.filter(({ kind }) => kind !== "healthy").map((exhibit) => [exhibit.kind, exhibit] as const))(
  "the exhibit of %s is told as that, and the finding stands",
  (kind, exhibit) => {
    const { replay, main } = told(exhibit);
    const found = replay.findings.filter((finding) => finding.kind === kind && (finding.traceId === main || finding.traceId === null));
    expect(found.map(({ state }) => state)).toContain("open");
    expect(found.every(({ evidence, causes }) => evidence.length > 0 && causes.length > 0)).toBe(true);
  },
);

test("of the healthy exhibit nothing is told", () => {
  const healthy = EXHIBITS.find(({ kind }) => kind === "healthy") as Exhibit;
  expect(told(healthy).replay.findings).toEqual([]);
});

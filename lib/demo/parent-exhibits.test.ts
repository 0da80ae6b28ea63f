import { expect, test } from "vitest";
import type { CaptureEvent } from "@/lib/testing/captures/capture";
import { replayCapture } from "@/lib/testing/captures/replay-capture";
import type { Exhibit } from "./exhibits";
import { PARENT_EXHIBITS } from "./parent-exhibits";
import { newTraceId, stepOf } from "./wire";

const WALL_MS = 1_790_000_000_000;
const SETTINGS = { settleMs: 3_000, staleAfterMs: 600_000 };

/** What the exhibit sends, as if it had been recorded: one connection an act. */
function eventsOf(exhibit: Exhibit): CaptureEvent[] {
  const traceIds = exhibit.traceIds?.() ?? {};
  const main = traceIds.main ?? newTraceId();
  return exhibit.acts().flatMap(({ process, trace, requests, connection }, conn): CaptureEvent[] => {
    const at = 10 * conn;
    const sent = requests.flatMap((request): CaptureEvent[] => {
      const step = stepOf(process, traceIds[trace ?? "main"] ?? main, request, { baseMs: WALL_MS, pidOffset: 0 });
      if (!("body" in step)) return [];
      const headers = { "content-type": "application/json", "user-agent": process.userAgent ?? "spanwatch-demo" };
      const body = Buffer.from(step.body).toString("base64");
      return [{ event: "request", at: at + 1, conn, method: "POST", path: step.path, headers, body, status: 200 }];
    });
    const close: CaptureEvent[] = connection === "close" ? [{ event: "close", at: at + 9, conn, by: "client" }] : [];
    return [{ event: "open", at, conn }, ...sent, ...close];
  });
}

test.each(PARENT_EXHIBITS.map((exhibit) => [exhibit.kind, exhibit]))("the traffic of %s shows that and nothing worse", (kind, exhibit) => {
  const capture = { id: kind, events: eventsOf(exhibit), truth: [], expected: {}, wallMs: WALL_MS };
  const findings = replayCapture(capture, SETTINGS).findings.filter(({ state }) => state === "open");
  expect(findings.map((finding) => finding.kind)).toContain(kind);
  expect(findings.filter((finding) => finding.severity !== "info" && finding.kind !== kind).map((finding) => finding.kind)).toEqual([]);
});

import { describe, expect, test } from "vitest";
import { drawEvidence, type EvidenceOptions, processEvidence } from "@/lib/testing/evidence";
import { ownIdOf, spanIdOf } from "@/lib/testing/spans";
import { baselineKey } from "../baseline";
import { diagnose } from "../diagnose";
import { type LogHabit, NO_LOG_HABIT } from "../log-habit";
import { spanWithoutLogs } from "./span-without-logs";

const NODE = { userAgent: "OTel-OTLP-Exporter-JavaScript/0.223.1", sdkLanguage: "nodejs", logfireVersion: null, lastReceivedMs: 9 };
const ALONE = "import row   |------|    @main";
const usually = (habit: Partial<LogHabit>) => new Map([[baselineKey("shop", "import row"), { ...NO_LOG_HABIT, ...habit }]]);
const find = (drawing: string, options: Partial<EvidenceOptions> = {}) =>
  spanWithoutLogs.find(drawEvidence(drawing, { nowMs: 60_000, starts: false, processes: [processEvidence("main", NODE)], ...options }));
/** One import of many rows, of which the last has no log. */
const rows = (withLogs: number, service = "") =>
  `import   |---------|   @main\n${Array.from({ length: withLogs }, (_, i) => `  import row#${i}   |-*|  ${service}`).join("\n")}\n  import row#last   |--|  ${service}`;

test("a span without a log whose like always had some, and it says how many and how often", () => {
  const { findings } = find(ALONE, { logHabits: usually({ spans: 314, withLogs: 312, logs: 1_250 }) });
  expect(findings).toMatchObject([
    { severity: "warning", certainty: "possible", spanIds: [spanIdOf("import row")], processId: ownIdOf("main"), count: 1 },
  ]);
  expect(findings[0]?.evidence[0]?.sentence).toEqual({
    id: "evidence.usual-logs",
    args: { span: "import row", logs: 4, count: 312, spans: 315 },
  });
});

test("it is likely where this is the first one ever, or where its process is gone", () => {
  expect(find(ALONE, { logHabits: usually({ spans: 40, withLogs: 40, logs: 40 }) }).findings).toMatchObject([{ certainty: "likely" }]);
});

test("the other spans of the trace are history too", () => {
  expect(find(rows(24)).findings).toMatchObject([{ count: 1, spanIds: [spanIdOf("import row#last")], certainty: "likely" }]);
  expect(find(rows(18)).findings).toEqual([]);
});

describe("what is no loss", () => {
  test("a service that sends no logs at all", () => {
    expect(find(ALONE).findings).toEqual([]);
    expect(find(ALONE, { logHabits: usually({ spans: 500, withLogs: 0 }) }).findings).toEqual([]);
  });
  test("spans of which some have none by nature", () => {
    expect(find(ALONE, { logHabits: usually({ spans: 200, withLogs: 192, logs: 400 }) }).findings).toEqual([]);
  });
  test("too little history", () => expect(find(ALONE, { logHabits: usually({ spans: 15, withLogs: 15, logs: 60 }) }).findings).toEqual([]));
  test("a span that is open", () => {
    expect(find("import row   |......   @main", { logHabits: usually({ spans: 40, withLogs: 40, logs: 40 }) }).findings).toEqual([]);
  });
  test("before the settling time: logs take a way of their own", () => {
    const early = find(ALONE, { nowMs: 2_000, logHabits: usually({ spans: 40, withLogs: 40, logs: 40 }) });
    expect(early).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
  });
  test("logs that leave before the end of their span through the same queue: there were none to send", () => {
    const logfire = { processes: [processEvidence("main", { lastReceivedMs: 9 })] };
    const habit = { logHabits: usually({ spans: 40, withLogs: 40, logs: 40 }) };
    expect(find(ALONE, { ...habit, ...logfire }).findings).toEqual([]);
  });
  test("a worker whose like in this trace sent logs: that is said as worker-without-logs, once", () => {
    const fleet = `
      pack   |------------|    @main
        import row#0   |*-*|   @w0
        import row#1   |*-*|   @w1
        import row#2   |---|   @w2
    `;
    const processes = ["main", "w0", "w1", "w2"].map((label) => processEvidence(label, NODE));
    const evidence = drawEvidence(fleet, {
      nowMs: 60_000,
      starts: false,
      processes,
      logHabits: usually({ spans: 40, withLogs: 40, logs: 80 }),
    });
    expect(diagnose(evidence).findings.map(({ kind }) => kind)).toEqual(["worker-without-logs"]);
  });
});

import { expect, test } from "vitest";
import { drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { lateData } from "./late-data";

const find = (drawing: string, options: Partial<Parameters<typeof drawEvidence>[1]> = {}) =>
  lateData.find(drawEvidence(drawing, { nowMs: 600_000, ...options })).findings;

test("a span that arrived four minutes late, beside one that came at once, is noted: worth knowing, no fault", () => {
  expect(find("handle   |------|   late=240000\n  pay      |--|")).toMatchObject([
    {
      severity: "info",
      certainty: "likely",
      count: 1,
      spanIds: [spanIdOf("handle")],
      causes: [{ id: "late-delivery" }],
      evidence: [{ ref: { type: "span" } }, { sentence: { id: "evidence.others-prompt" } }],
    },
  ]);
});

test("where nothing of the process came in time, it may be its clock: no more than possible", () => {
  expect(find("handle   |------|   late=240000\n  pay      |--|   late=240000")).toMatchObject([
    { certainty: "possible", count: 2, causes: [{ id: "late-delivery" }, { id: "clock" }] },
  ]);
});

test("the worst comes first, and all of a process are one note", () => {
  const lines = Array.from({ length: 50 }, (_, i) => `  part ${i}   |--|   late=${60_000 + i * 1_000}`).join("\n");
  const findings = find(`job   |------|\n${lines}`);
  expect(findings).toMatchObject([{ count: 50 }]);
  expect(findings[0]?.spanIds[0]).toBe(spanIdOf("part 49"));
});

test("what an SDK holds back by itself is not late, however slow it is", () => {
  const slow = processEvidence("main", { userAgent: "OTel-OTLP-Exporter-JavaScript/0.223.1", sdkLanguage: "nodejs", logfireVersion: null });
  const drawing = "handle   |------|   late=40000 no-start\n  pay      |--|   no-start";
  expect(find(drawing, { processes: [slow] })).toEqual([]);
  expect(find(drawing)).toHaveLength(1);
});

test("a retry of what had come in time, a heartbeat, and a long span that ends late are not late", () => {
  expect(find("handle   |------|\nhandle   |------|   late=240000 no-start")).toEqual([]);
  expect(find("handle   |..+...+....+....+..", { msPerColumn: 10_000 })).toEqual([]);
  expect(find("handle   |--------------------|", { msPerColumn: 10_000 })).toEqual([]);
});

test("a clock that is ahead hides no lateness", () => {
  const evidence = drawEvidence("handle   |------|   late=240000\n  pay      |--|", { nowMs: 600_000 });
  for (const { records } of evidence.spans) for (const record of records) record.receivedMs -= 120_000;
  const [finding] = lateData.find(evidence).findings;
  expect(finding?.title.args.duration).toBeGreaterThan(230_000);
});

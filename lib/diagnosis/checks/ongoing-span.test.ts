import { expect, test } from "vitest";
import { drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { ongoingSpan } from "./ongoing-span";

const DRAWING = `
  import   |.........................
    load     |------|
`;

test("a span that has begun and not ended is shown as ongoing, which is no fault", () => {
  const { findings, lookAgainAtMs } = ongoingSpan.find(drawEvidence(DRAWING, { nowMs: 30 }));
  expect(findings).toMatchObject([
    {
      severity: "info",
      certainty: "proved",
      spanIds: [spanIdOf("import")],
      causes: [{ id: "running" }],
      title: { args: { span: "import" } },
    },
  ]);
  expect(lookAgainAtMs).not.toBeNull();
});

test("the parent of an SDK that reports only ends is open while its process lives, not lost (L11)", () => {
  const batchJob = `
    (import)
      load     |------|
      load#2           |----|
  `;
  const node = processEvidence("main", { userAgent: "OTel-OTLP-Exporter-JavaScript/0.223.1", sdkLanguage: "nodejs", lastReceivedMs: 20 });
  const options = { nowMs: 14_000, starts: false, settings: { settleMs: 3_000 }, processes: [node] };
  const { findings } = ongoingSpan.find(drawEvidence(batchJob, options));
  expect(findings).toMatchObject([{ severity: "info", missingSpanId: spanIdOf("import"), causes: [{ id: "end-only-sdk" }] }]);
});

test("a span that has ended is not ongoing", () => {
  expect(ongoingSpan.find(drawEvidence("load   |---|", { nowMs: 30 })).findings).toEqual([]);
});

test("nothing that a look repeats changes what it says, so that no row is written for the passing of time", () => {
  const at = (nowMs: number) => ongoingSpan.find(drawEvidence(DRAWING, { nowMs })).findings;
  expect(at(5_000)).toEqual(at(9_000));
});

import { expect, test } from "vitest";
import { MARKS } from "@/lib/otel/span";
import { unixNanoOfMs } from "@/lib/otel/time";
import { drawEvidence } from "@/lib/testing/evidence";
import { spanIdOf, TEST_EPOCH_MS } from "@/lib/testing/spans";
import { impossibleTimes } from "./impossible-times";

const evidence = (change: (span: ReturnType<typeof drawEvidence>["spans"][number]) => void) => {
  const drawn = drawEvidence("sync   |---|\nother   |---|", { nowMs: 60_000, starts: false });
  change(drawn.spans.find(({ name }) => name === "sync") as (typeof drawn.spans)[number]);
  return drawn;
};

test("an end before its start is shown with how far, and a clock that was set back as its likely cause", () => {
  const { findings } = impossibleTimes.find(
    evidence((span) => {
      span.endTimeUnixNano = unixNanoOfMs(TEST_EPOCH_MS - 2_000);
    }),
  );
  expect(findings).toMatchObject([
    { certainty: "proved", count: 1, spanIds: [spanIdOf("sync")], causes: [{ id: "clock" }, { id: "corrupt-data" }] },
  ]);
  expect(findings[0]?.evidence[0]?.sentence.args).toMatchObject({ duration: 2_000 });
});

test("a start at zero and a moment past 2262 come from a broken exporter", () => {
  for (const mark of [MARKS.startTimeZero, MARKS.timeBeyond2262]) {
    const { findings } = impossibleTimes.find(
      evidence((span) => {
        span.marks |= mark;
      }),
    );
    expect(findings).toMatchObject([{ causes: [{ id: "corrupt-data" }] }]);
  }
});

test("spans of no length, and spans that have not ended, are possible", () => {
  const drawn = drawEvidence("log   ||\nopen   |....", { nowMs: 60_000 });
  expect(impossibleTimes.find(drawn).findings).toEqual([]);
});

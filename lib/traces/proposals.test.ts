import { expect, test } from "vitest";
import { proposalsOf } from "./proposals";

const SPAN = "1".repeat(16);
const [TRACE, OTHER] = ["2".repeat(32), "3".repeat(32)];
const proposing = (id: string, certainty: string, traceId: string, parentSpanId: string | null = "4".repeat(16)) => ({
  id,
  certainty,
  proposedParents: [{ spanId: SPAN, traceId, parentSpanId }],
});

test("of two findings that place one span differently the surer one is drawn, whichever was told first", () => {
  const [guess, sure] = [proposing("guess", "possible", TRACE), proposing("sure", "likely", OTHER)];
  for (const findings of [
    [guess, sure],
    [sure, guess],
  ]) {
    expect(proposalsOf(findings).get(SPAN)).toEqual({
      traceId: OTHER,
      parentSpanId: "4".repeat(16),
      findingId: "sure",
      certainty: "likely",
    });
  }
});

test("a finding without proposals places nothing, and one may place a span at the top", () => {
  expect(proposalsOf([{ id: "f", certainty: "proved", proposedParents: null }]).size).toBe(0);
  expect(proposalsOf([proposing("leak", "likely", TRACE, null)]).get(SPAN)).toMatchObject({ parentSpanId: null });
});

import { expect, test } from "vitest";
import { drawEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { truncatedTraceId } from "./truncated-trace-id";

const HALF = `
  (GET)
    GET /image   |----|    @images  server remote
`;
const WHOLE = `4bf92f3577b34da6${"a3ce929d0e0e4736"}`;
const find = (spanIds: string[]) => {
  const options = { nowMs: 60_000, traceId: `${"0".repeat(16)}a3ce929d0e0e4736`, sameLowIds: { traceId: WHOLE, spanIds } };
  return truncatedTraceId.find(drawEvidence(HALF, options)).findings;
};

test("the parent that is missing here is in the trace with the same low 64 bits", () => {
  expect(find([spanIdOf("GET")])).toMatchObject([
    {
      missingSpanId: spanIdOf("GET"),
      spanIds: [spanIdOf("GET /image")],
      proposedParents: [{ spanId: spanIdOf("GET /image"), traceId: WHOLE, parentSpanId: spanIdOf("GET") }],
      causes: [{ id: "truncated-trace-id" }],
      title: { args: { trace: WHOLE } },
    },
  ]);
});

test("equal low bits alone, or no such trace, say nothing", () => {
  expect(find([])).toEqual([]);
  expect(truncatedTraceId.find(drawEvidence(HALF, { nowMs: 60_000 })).findings).toEqual([]);
});

import { expect, test } from "vitest";
import { drawEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { rewrittenTraceparent } from "./rewritten-traceparent";

const find = (drawing: string, nowMs = 60_000) =>
  rewrittenTraceparent.find(drawEvidence(drawing, { nowMs, starts: false, settings: { settleMs: 3_000 } })).findings;

const GATEWAY = `
  page           |--------------|     @front
    GET /stock     |----------|       @front  client
  (made up)
    GET /stock#2     |----|           @stock  server remote
`;

test("a server whose parent nobody sent, within a call that nobody names as parent: something between replaced the id", () => {
  expect(find(GATEWAY)).toMatchObject([
    {
      certainty: "likely",
      spanIds: [spanIdOf("GET /stock#2"), spanIdOf("GET /stock")],
      missingSpanId: spanIdOf("made up"),
      proposedParents: [{ spanId: spanIdOf("GET /stock#2"), parentSpanId: spanIdOf("GET /stock") }],
      causes: [{ id: "context-rewritten" }],
    },
  ]);
});

test("not while the parent may still come", () => {
  expect(find(GATEWAY, 5_000)).toEqual([]);
});

test("two calls at once could each be the caller, and a call with a child has one: neither is said", () => {
  const twoCalls = `
    page           |--------------|     @front
      GET /stock     |----------|       @front  client
      GET /price     |----------|       @front  client
    (made up)
      GET /stock#2     |----|           @stock  server remote
  `;
  const servedElsewhere = `
    page           |--------------|     @front
      GET /stock     |----------|       @front  client
        served         |--|             @other  server
    (made up)
      GET /stock#2     |----|           @stock  server remote
  `;
  expect(find(twoCalls)).toEqual([]);
  expect(find(servedElsewhere)).toEqual([]);
});

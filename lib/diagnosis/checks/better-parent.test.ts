import { describe, expect, test } from "vitest";
import { drawEvidence, type EvidenceOptions } from "@/lib/testing/evidence";
import { spanIdOf, TEST_TRACE_ID } from "@/lib/testing/spans";
import { betterParent } from "./better-parent";

const find = (drawing: string, options: Partial<EvidenceOptions> = {}) =>
  betterParent.find(drawEvidence(drawing, { nowMs: 60_000, settings: { settleMs: 3_000 }, ...options }));

const AGENT = `
  run agent             |---------------------|     @agent
    plan                  |--------------|          @agent
      tools/call search     |----------|            @agent  client
    search                    |------|              @tools  server remote
`;

test("a server below a span above the call that reached it: a hint, with the call as the parent that was meant", () => {
  expect(find(AGENT).findings).toMatchObject([
    {
      severity: "info",
      certainty: "possible",
      spanIds: [spanIdOf("search")],
      proposedParents: [{ spanId: spanIdOf("search"), traceId: TEST_TRACE_ID, parentSpanId: spanIdOf("tools/call search") }],
      causes: [{ id: "wrong-active-span" }],
      title: { args: { caller: "tools/call search", parent: "run agent" } },
    },
  ]);
});

test("the calls of a long run are told once, each server with its own call", () => {
  const calls = Array.from({ length: 300 }, (_, i) => {
    const gap = " ".repeat(8 * i);
    return `  tools/call s#${String(i).padEnd(4)}${gap}|-----|    @agent  client\n  s#${String(i).padEnd(15)}${gap}|---|      @tools  server remote`;
  });
  const { findings } = find(`run agent        |${"-".repeat(2_500)}|     @agent\n${calls.join("\n")}`);
  expect(findings).toMatchObject([{ count: 300, title: { args: { others: 299 } } }]);
  expect(findings[0]?.proposedParents?.[7]).toMatchObject({ spanId: spanIdOf("s#7"), parentSpanId: spanIdOf("tools/call s#7") });
});

test("it waits until the trace is settled: what the call reached may still come", () => {
  expect(find(AGENT, { nowMs: 1_000 })).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
});

describe("no hint", () => {
  test("where the call has its server", () => {
    expect(find(AGENT.replace("    search    ", "        search")).findings).toEqual([]);
    expect(find(`${AGENT}        found                    |--|          @other  server remote <- tools/call search`).findings).toEqual([]);
  });
  test("where two calls could have been it, or two servers are within one call", () => {
    expect(find(`${AGENT}      tools/call search#2   |-----------|     @agent  client <- plan`).findings).toEqual([]);
    expect(find(`${AGENT}    search#2                   |----|        @tools2  server remote <- run agent`).findings).toEqual([]);
  });
  test("for a server that went on, or began before: it was not called by that", () => {
    expect(find(AGENT.replace("|------|  ", "|--------------|  ")).findings).toEqual([]);
    expect(find(AGENT.replace("    search                    |------|", "    search                 |--|     ")).findings).toEqual([]);
  });
  test("for another method, route or tool", () => expect(find(AGENT.replace("    search  ", "    weather ")).findings).toEqual([]));
  test("for what a program called in itself, and for internal work", () => {
    expect(find(AGENT.replace("@tools", "@agent")).findings).toEqual([]);
    expect(find(AGENT.replace("@agent  client", "@tools  client")).findings).toEqual([]);
    expect(find(AGENT.replace("server remote", "remote")).findings).toEqual([]);
  });
  test("for a message that is consumed while it is still being sent by another", () => {
    expect(find(AGENT.replace("server remote", "consumer remote")).findings).toEqual([]);
  });
  test("where the parent is no span above the call", () => {
    expect(
      find(AGENT.replace("server remote", "server remote <- prepare").concat("    prepare   |--|   @agent <- run agent")).findings,
    ).toEqual([]);
  });
});

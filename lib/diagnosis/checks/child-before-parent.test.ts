import { describe, expect, test } from "vitest";
import { connectionEvidence, drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { childBeforeParent } from "./child-before-parent";
import { clockSkew } from "./clock-skew";

const options = { msPerColumn: 10, settings: { settleMs: 3_000 } };
const find = (drawing: string, hosts: Record<string, string | null> = {}, nowMs = 60_000) => {
  const processes = Object.entries(hosts).map(([label, host]) => processEvidence(label, { host, lastReceivedMs: 300 }));
  return childBeforeParent.find(drawEvidence(drawing, { nowMs, processes, ...options }));
};
const QUEUED = `
  handle job            |---------|
    wait in queue   |------|
`;
const ELSEWHERE = `
  handle job              |---------|    @main
    wait in queue   |--------|           @w1  remote
`;

test("a child that began before its parent, by one clock", () => {
  expect(find(QUEUED).findings).toMatchObject([
    {
      severity: "warning",
      certainty: "proved",
      spanIds: [spanIdOf("wait in queue")],
      causes: [{ id: "clock" }, {}],
      title: { args: { duration: 40, parent: "handle job" } },
    },
  ]);
});

test("one line of code makes many of them: one finding, the worst first", () => {
  const lines = [1, 2, 3].map((i) => `    wait in queue#${i}${" ".repeat(4 - i)}|------|`);
  const { findings } = find(`  handle job              |---------|\n${lines.join("\n")}`);
  expect(findings).toMatchObject([{ count: 3, title: { args: { others: 2 } } }]);
  expect(findings[0]?.spanIds[0]).toBe(spanIdOf("wait in queue#3"));
});

test("within one host it is likely, between hosts it is their clocks, and said by clock-skew alone", () => {
  expect(find(ELSEWHERE, { main: "shop-1", w1: "shop-1" }).findings).toMatchObject([{ certainty: "likely" }]);
  expect(find(ELSEWHERE, { main: "shop-1", w1: "shop-2" }).findings).toEqual([]);
  const call = "GET /rate                 |-----|     @main    client\n  GET /rate#2   |---|              @w1   server remote";
  const processes = [processEvidence("main", { host: "shop-1" }), processEvidence("w1", { host: "shop-2" })];
  const evidence = drawEvidence(call, { nowMs: 60_000, processes, ...options, msPerColumn: 100 });
  expect([childBeforeParent, clockSkew].flatMap((check) => check.find(evidence).findings.map(({ kind }) => kind))).toEqual(["clock-skew"]);
});

test("it waits until the trace is settled", () => {
  expect(find(QUEUED, {}, 1_000)).toMatchObject({ findings: [], lookAgainAtMs: expect.any(Number) });
});

describe("what has another reading", () => {
  test("a receiver that was there before the message", () => {
    expect(find("send            |--|  producer\n  receive   |--------|  consumer").findings).toEqual([]);
  });
  test("clocks of hosts that are not known, or that only share a name", () => {
    expect(find(ELSEWHERE, { main: null, w1: null }).findings).toEqual([]);
    const processes = ["main", "w1"].map((label, i) =>
      processEvidence(label, { host: "localhost", connections: [connectionEvidence(label, { peer: `10.0.0.${i + 1}` })] }),
    );
    expect(childBeforeParent.find(drawEvidence(ELSEWHERE, { nowMs: 60_000, processes, ...options })).findings).toEqual([]);
  });
  test("two SDKs on one host that count from readings of their own", () => {
    const close = "handle job         |---------|    @main\n  wait in queue   |--------|           @w1  remote";
    expect(find(close, { main: "shop-1", w1: "shop-1" }).findings).toEqual([]);
  });
  test("a parent id that stands for several spans", () => {
    const shared = "early        |--|  @main\nlate               |----|  id=early @main\n  wait   |-----|  @main <- early";
    expect(find(shared).findings).toEqual([]);
  });
});

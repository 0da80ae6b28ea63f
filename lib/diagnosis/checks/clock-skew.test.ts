import { expect, test } from "vitest";
import { drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { clockSkew } from "./clock-skew";

const processes = (host: string | null) => [processEvidence("shop", { host: "shop-1" }), processEvidence("rates", { host })];
const find = (drawing: string, host: string | null = "rates-2") =>
  clockSkew.find(drawEvidence(drawing, { nowMs: 60_000, starts: false, msPerColumn: 100, processes: processes(host) })).findings;

const BEHIND = `
  GET /rate              |-----|     @shop    client
    GET /rate#2   |---|              @rates   server remote
`;

test("a call that was served before it was made: the hosts' clocks differ, in no trace's name", () => {
  const findings = find(BEHIND);
  expect(findings).toMatchObject([
    { traceId: null, subject: "shop-1→rates-2", causes: [{ id: "clock" }], title: { id: "clock-skew.behind-title" } },
  ]);
  expect(findings[0]?.title.args.duration).toBeGreaterThan(700);
});

test("served after the call was over: ahead", () => {
  expect(find("GET /rate   |-----|            @shop    client\n  GET /rate#2           |---|   @rates   server remote")).toMatchObject([
    { title: { id: "clock-skew.ahead-title" } },
  ]);
});

test("a server that goes on after it has answered, one host, and hosts that are not known tell nothing", () => {
  expect(find("GET /rate   |-----|       @shop    client\n  GET /rate#2   |--------|   @rates   server remote")).toEqual([]);
  expect(find(BEHIND, "shop-1")).toEqual([]);
  expect(find(BEHIND, null)).toEqual([]);
});

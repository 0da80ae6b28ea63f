import { expect, test } from "vitest";
import type { GroupRunsRow, RunRow } from "@/db/queries/finding-groups";
import { runsOf } from "./group-runs";

const affected: GroupRunsRow = {
  groupId: "g",
  affected: 2,
  least: 12,
  most: 12,
  lastOpenedMs: 250,
  lastRunMs: 200,
  rootService: "shop",
  rootName: "nightly",
};
const run = (firstReceivedMs: number, changes: Partial<RunRow> = {}): RunRow => ({
  firstReceivedMs,
  rootService: "shop",
  rootName: "nightly",
  services: ["shop", "bank"],
  isOver: true,
  ...changes,
});

test("only runs of the same program that ended after the last bad one tell that a cure works", () => {
  const young = [
    run(600, { isOver: false }),
    run(500),
    run(400, { rootName: "hourly" }),
    run(350, { rootService: "bank" }),
    run(300),
    run(200),
  ];
  expect(runsOf(affected, "shop", young, 200)).toMatchObject({ since: 2, more: false });
});

test("where no root ever came, a later trace of the service counts", () => {
  const rootless = { ...affected, rootService: null, rootName: null };
  const young = [run(500, { rootName: null, rootService: null }), run(400), run(300, { services: ["bank"] })];
  expect(runsOf(rootless, "shop", young, 200)).toMatchObject({ of: null, since: 2 });
});

test("runs that were not looked through make the number a least one", () => {
  expect(runsOf(affected, "shop", [run(900), run(800)], 800)).toMatchObject({ since: 2, more: true });
});

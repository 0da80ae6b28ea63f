import { describe, expect, test } from "vitest";
import { drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { workerHabitKey } from "../worker-habit";
import { silentWorker } from "./silent-worker";

const OTEL = { userAgent: "OTel-OTLP-Exporter-Python/1.44.0", logfireVersion: null, lastReceivedMs: 30 };
const fleet = (numbers: number[], name = "fetch") =>
  `all    |-----------------------|   @main\n${numbers.map((i) => `  ${name} ${i}    |----|    @w${i}`).join("\n")}`;
const find = (drawing: string, nowMs = 60_000, workers = 12, runs: string[] = []) => {
  const labels = ["main", ...Array.from({ length: workers }, (_, i) => `w${i}`)];
  const processes = labels.map((label) => processEvidence(label, OTEL));
  const workerHabits = new Map(runs.length === 0 ? [] : [[workerHabitKey("shop", "all", "fetch #"), { runs }]]);
  return silentWorker.find(drawEvidence(drawing, { nowMs, starts: false, processes, workerHabits })).findings;
};

test("numbers missing from a row of workers are workers that sent nothing", () => {
  const findings = find(fleet([1, 2, 3, 5, 6]));
  expect(findings).toMatchObject([
    { severity: "error", certainty: "possible", count: 2, title: { args: { missing: "0, 4", present: "1, 2, 3, 5, 6" } } },
  ]);
  expect(findings[0]?.causes[0]).toMatchObject({ id: "exited-without-flush" });
});

test("of an SDK that reports only ends, a short worker is lost whole by a forgotten flush; of one that announces starts it rather died", () => {
  const remote = fleet([0, 1, 3, 4]).replaceAll(/@w\d/g, "$& remote");
  expect(find(remote)[0]?.causes.map(({ id }) => id)).toEqual(["exited-without-flush", "process-died", "sdk-not-configured"]);
  const starts = silentWorker.find(drawEvidence(remote, { nowMs: 60_000, starts: true })).findings;
  expect(starts[0]?.causes[0]).toMatchObject({ id: "process-died" });
});

describe("with the runs before", () => {
  const times = (count: number, row: string) => Array.from({ length: count }, () => row);
  const withRuns = (numbers: number[], ...runs: string[]) => find(fleet(numbers), 60_000, 12, runs);

  test("a number that they had is likely lost, and they are shown", () => {
    const [finding] = withRuns([0, 1, 2, 4, 5], ...times(12, "0-5"));
    expect(finding).toMatchObject({ certainty: "likely", title: { args: { missing: "3" } } });
    expect(finding?.evidence.map(({ sentence }) => sentence)).toContainEqual({
      id: "evidence.usual-workers",
      args: { runs: 12, all: 12, usual: "0-5" },
    });
  });
  test("the first and the last are missed, though the row of this run has no gap", () => {
    expect(withRuns([1, 2, 3, 4], ...times(5, "0-4"))).toMatchObject([{ certainty: "likely", title: { args: { missing: "0" } } }]);
    expect(withRuns([0, 1, 2, 3], ...times(5, "0-5"))).toMatchObject([{ certainty: "possible", title: { args: { missing: "4, 5" } } }]);
  });
  test("a program whose number of workers changes from run to run lacks none at the end", () => {
    expect(withRuns([0, 1, 2, 3], "0-5", "0-2", "0-5", "0-5", "0-5")).toEqual([]);
  });
  test("numbers that no run had are only possible", () => {
    expect(withRuns([0, 1, 3, 4], ...times(8, "0,1,3,4"))).toMatchObject([{ certainty: "possible" }]);
  });
});

describe("what is no gap", () => {
  test("numbering from 1", () => expect(find(fleet([1, 2, 3, 4]))).toEqual([]));
  test("a complete row", () => expect(find(fleet([0, 1, 2, 3]))).toEqual([]));
  test("sparse numbers, which are ids", () => expect(find(fleet([0, 7, 8, 11]))).toEqual([]));
  test("numbers that do not begin at the beginning", () => expect(find(fleet([5, 6, 8, 9]))).toEqual([]));
  test("two workers", () => expect(find(fleet([0, 2]))).toEqual([]));
  test("a worker whose numbered span is lost and whose steps came: it was not silent", () => {
    const steps = "  step     |-|          @w2  <- fetch 2";
    expect(find(fleet([0, 1, 3, 4]))).toHaveLength(1);
    expect(find(`${fleet([0, 1, 3, 4])}\n${steps}`)).toEqual([]);
  });
  test("children of one process", () => {
    const own = "all    |------------|   @main\n  fetch 0   |-|\n  fetch 1   |-|\n  fetch 3   |-|\n  fetch 4   |-|";
    expect(find(own)).toEqual([]);
  });
  test("a pool whose workers do several items each", () => {
    const pool = ["0 @w1", "1 @w1", "2 @w2", "4 @w2", "5 @w3", "6 @w3"];
    const drawing = `all    |-----------------|   @main\n${pool.map((one) => `  item ${one.split(" ")[0]}   |--|   ${one.split(" ")[1]}`).join("\n")}`;
    expect(find(drawing)).toEqual([]);
  });
  test("a row that is still being started", () => {
    expect(find(fleet([0, 1, 3, 4]).replace("|-----------------------|", "|......................."))).toEqual([]);
    expect(find(fleet([0, 1, 3, 4]), 1_000)).toEqual([]);
  });
});

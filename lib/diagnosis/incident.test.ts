import { expect, test } from "vitest";
import { drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { ownIdOf } from "@/lib/testing/spans";
import { diagnose } from "./diagnose";
import { endedProcessOf } from "./incident";

const gone = (label: string) => {
  const process = processEvidence(label, { lastReceivedMs: 10 });
  const connections = process.connections.map((connection) => ({
    ...connection,
    closedMs: connection.openedMs + 1_000,
    closedBy: "client" as const,
  }));
  return { ...process, connections };
};

test("what a killed process left belongs to its end, whatever its kind; what goes on elsewhere does not", () => {
  const drawing = `
    main        |---------|     @main
      job           |.....      @w1
      (batch)
        load         |--|       @w1 no-start
      serve         |......     @w2
  `;
  const { findings } = diagnose(drawEvidence(drawing, { nowMs: 120_000, processes: [gone("w1")] }));
  const ends = findings.map((finding) => [finding.kind, endedProcessOf(finding)]);
  expect(ends).toContainEqual(["abandoned-span", ownIdOf("w1")]);
  expect(ends.filter(([, process]) => process !== null && process !== ownIdOf("w1"))).toEqual([]);
  expect(ends.filter(([kind]) => kind === "ongoing-span").every(([, process]) => process === null)).toBe(true);
});

test("a hint is no incident, nor is a process that only missed its workers", () => {
  const because = { id: "because.silent-death", args: {} };
  const death = { causes: [{ id: "process-died" as const, certainty: "likely" as const, because }], processId: "7" };
  expect(endedProcessOf({ ...death, kind: "abandoned-span", severity: "error" })).toBe("7");
  expect(endedProcessOf({ ...death, kind: "abandoned-span", severity: "info" })).toBeNull();
  expect(endedProcessOf({ ...death, kind: "silent-worker", severity: "error" })).toBeNull();
  expect(endedProcessOf({ ...death, kind: "orphaned-span", severity: "error", causes: [] })).toBeNull();
});

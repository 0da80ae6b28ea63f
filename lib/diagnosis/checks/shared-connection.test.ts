import { describe, expect, test } from "vitest";
import { connectionEvidence, drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { ownIdOf } from "@/lib/testing/spans";
import { sharedConnection } from "./shared-connection";

const withPid = (label: string, pid: number, changes = {}) =>
  processEvidence(label, { pid, firstReceivedMs: pid, lastReceivedMs: 30, connections: [connectionEvidence("c2", changes)] });
const find = (drawing: string, changes = {}) =>
  sharedConnection.find(drawEvidence(drawing, { nowMs: 60_000, processes: [withPid("main", 1, changes), withPid("w3", 2, changes)] }))
    .findings;

const SHARED = `
  load data    |-----------|    @main  connection=c2
    worker 3     |------|       @w3    connection=c2
`;

test("two processes whose spans began over one connection share it: proved, about the connection and no trace", () => {
  expect(find(SHARED)).toMatchObject([
    { certainty: "proved", severity: "warning", traceId: null, subject: ownIdOf("c2"), count: 2, causes: [{ id: "shared-connection" }] },
  ]);
});

describe("what is no sharing", () => {
  test("a Collector's or proxy's connection", () => expect(find(SHARED, { direct: false })).toEqual([]));
  test("a forked child that sends ends of its parent's spans over its own connection", () => {
    expect(
      find(
        "load data    |-----------|   @main\nload data    |-----|         @main  connection=c2\n  worker 3   |--|    @w3  connection=c2",
      ),
    ).toEqual([]);
  });
  test("threads of one process", () => {
    const threads = drawEvidence(SHARED, { nowMs: 60_000, processes: [withPid("main", 1), withPid("w3", 1)] });
    expect(sharedConnection.find(threads).findings).toEqual([]);
  });
});

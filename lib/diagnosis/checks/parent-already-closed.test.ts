import { expect, test } from "vitest";
import { connectionEvidence, drawEvidence, processEvidence } from "@/lib/testing/evidence";
import { spanIdOf } from "@/lib/testing/spans";
import { parentAlreadyClosed } from "./parent-already-closed";

const find = (drawing: string) => parentAlreadyClosed.find(drawEvidence(drawing, { nowMs: 60_000, msPerColumn: 10 })).findings;

test("work that begins after its parent has ended is told as info: it is often meant so", () => {
  expect(
    find(`
      place order    |------|
        send mail               |----|
    `),
  ).toMatchObject([
    {
      severity: "info",
      spanIds: [spanIdOf("send mail")],
      causes: [{ id: "fire-and-forget" }],
      title: { args: { duration: expect.any(Number) } },
    },
  ]);
});

test("a child that merely outlives its parent, a queue's consumer and a served call are not meant", () => {
  expect(find("reply   |----|\n  mail      |--------|")).toEqual([]);
  expect(find("put task   |--|  producer\n  run task        |--|  consumer")).toEqual([]);
  expect(find("call   |--|  client\n  serve       |--|  server  @b")).toEqual([]);
});

test("a ladder of them is a context that leaks, which is said once", () => {
  expect(find("consume#1   |-|\n  consume#2     |-|\n    consume#3       |-|\n      consume#4         |-|")).toEqual([]);
});

test("plain OpenTelemetry names no host: what comes from this machine, or long after from one address, is ordered all the same", () => {
  const orders = (peers: [string, string], direct = true) => {
    const processes = ["main", "w1"].map((label, i) =>
      processEvidence(label, { host: null, connections: [connectionEvidence(label, { peer: peers[i] as string, direct })] }),
    );
    const drawing = "set up   |--|          @main\n  export 1     |------|   @w1  remote";
    return (msPerColumn: number) => parentAlreadyClosed.find(drawEvidence(drawing, { nowMs: 60_000, msPerColumn, processes })).findings;
  };
  expect(orders(["127.0.0.1", "127.0.0.1"])(10)).toHaveLength(1);
  expect(orders(["10.0.0.7", "10.0.0.7"])(10)).toEqual([]);
  expect(orders(["10.0.0.7", "10.0.0.7"])(100)).toHaveLength(1);
  expect(orders(["10.0.0.7", "10.0.0.8"])(100)).toEqual([]);
  // Behind a Collector all have one address.
  expect(orders(["10.0.0.7", "10.0.0.7"], false)(100)).toEqual([]);
});

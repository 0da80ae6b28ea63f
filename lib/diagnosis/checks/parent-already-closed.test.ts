import { expect, test } from "vitest";
import { drawEvidence } from "@/lib/testing/evidence";
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

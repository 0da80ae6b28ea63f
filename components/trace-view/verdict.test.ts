import { expect, test } from "vitest";
import type { FindingJson } from "@/lib/api/contract/findings";
import { sortFindings, verdictOf } from "./verdict";

const finding = (id: string, over: Partial<FindingJson>) =>
  ({ id, state: "open", severity: "warning", certainty: "likely", ...over }) as FindingJson;

test("what is lost is said before what is merely odd, what is proved before what is guessed, what is over last", () => {
  const sorted = sortFindings([
    finding("old", { state: "resolved", severity: "error", certainty: "proved" }),
    finding("note", { severity: "info", certainty: "proved" }),
    finding("odd", {}),
    finding("guess", { severity: "error", certainty: "possible" }),
    finding("lost", { severity: "error", certainty: "proved" }),
  ]);
  expect(sorted.map(({ id }) => id)).toEqual(["lost", "guess", "odd", "note", "old"]);
});

test("the verdict names the incident and counts what else is wrong, notes not among it", () => {
  const sorted = sortFindings([finding("a", {}), finding("b", { severity: "info" }), finding("c", { severity: "error" })]);
  expect(verdictOf(sorted, { openCount: 3 }, true, [])).toMatchObject({ type: "incident", finding: { id: "c" }, others: 1 });
});

test("while a trace is arriving nothing is called well, and a running one is not called well either", () => {
  expect(verdictOf([], { openCount: 0 }, false, [])).toEqual({ type: "arriving" });
  expect(verdictOf([finding("n", { severity: "info" })], { openCount: 2 }, true, [])).toMatchObject({ type: "running", open: 2 });
});

test("a muted or resolved finding does not shout", () => {
  const sorted = sortFindings([finding("m", { state: "muted", severity: "error" }), finding("r", { state: "resolved" })]);
  expect(verdictOf(sorted, { openCount: 0 }, true, [])).toEqual({ type: "well", resolved: 1 });
});

test("a process is called alive only when it is known to be", () => {
  const verdict = (state: "alive" | "silent") =>
    verdictOf([], { openCount: 1 }, true, [
      { openSpans: 1, state },
      { openSpans: 0, state: "ended" },
    ]);
  expect(verdict("alive")).toMatchObject({ alive: true });
  expect(verdict("silent")).toMatchObject({ alive: false });
});

import { expect, test } from "vitest";
import { assignHues, hueOf } from "./service-hue";

test("up to twelve services of a trace never share a colour, and each keeps its own when nobody else has it", () => {
  const services = Array.from({ length: 12 }, (_, at) => `service-${at}`);
  expect(new Set(assignHues(services)).size).toBe(12);
  expect(assignHues(["billing"])).toEqual([hueOf("billing")]);
});

test("the colours do not depend on the order of arrival", () => {
  expect(assignHues(["a", "b", "c"])).toEqual(assignHues(["c", "b", "a"]).reverse());
});

test("a thousand services still get colours", () => {
  expect(assignHues(Array.from({ length: 1_000 }, (_, at) => `s${at}`)).every((hue) => hue >= 0 && hue < 12)).toBe(true);
});

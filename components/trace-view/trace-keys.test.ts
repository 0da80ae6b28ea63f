import { expect, test } from "vitest";
import { actionOf, TRACE_KEYS } from "./trace-keys";

const pressed = (key: string, over = {}) => actionOf({ key, hasModifier: false, inField: false, inControl: false, ...over });

test("no key means two things", () => {
  const keys = TRACE_KEYS.flatMap((binding) => binding.keys.map(({ key }) => key));
  expect(new Set(keys).size).toBe(keys.length);
});

test("typing in a field is never taken for a command, nor is a browser's own shortcut", () => {
  expect(pressed("n")).toBe("next-finding");
  expect(pressed("n", { inField: true })).toBeNull();
  expect(pressed("n", { hasModifier: true })).toBeNull();
  expect(pressed("x")).toBeNull();
});

test("a button that has the focus keeps Enter and the arrows for itself", () => {
  expect(pressed("Enter", { inControl: true })).toBeNull();
  expect(pressed("n", { inControl: true })).toBe("next-finding");
});

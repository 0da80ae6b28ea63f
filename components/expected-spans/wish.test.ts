import { expect, test } from "vitest";
import { isEmpty, NO_WISH, ruleOf } from "./wish";

test("a rule asks for what was filled in, and an attribute's value may hold signs of its own", () => {
  expect(ruleOf({ ...NO_WISH, service: " chat ", attribute: "query = a=b " })).toEqual({
    service: "chat",
    spanName: null,
    attribute: { key: "query", value: "a=b" },
    spanKind: null,
  });
  expect(ruleOf({ ...NO_WISH, attribute: "flag=" })).toMatchObject({ attribute: { key: "flag", value: "" } });
});

test("what is no key=value is no attribute, and blanks are nothing", () => {
  for (const attribute of ["channel", "=push", " =push"]) expect(ruleOf({ ...NO_WISH, attribute })).toBeNull();
  expect(isEmpty({ ...NO_WISH, service: " " })).toBe(true);
  expect(isEmpty({ ...NO_WISH, spanKind: "server" })).toBe(false);
});

import { expect, test } from "vitest";
import { returnPath } from "./return-path";

test("after signing in, the page that was asked for opens", () => {
  expect(returnPath("/traces/0af7?span=1&x=%2F%2F")).toBe("/traces/0af7?span=1&x=%2F%2F");
});

test.each([
  null,
  "",
  "//evil.example",
  "/\\evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  "/\t/evil.example",
  "/\n/evil.example",
  "traces",
  "/a\\b",
  "/sign-in?next=/",
])("a link cannot send whoever signs in to %j", (wanted) => expect(returnPath(wanted)).toBe("/traces"));

import { expect, test } from "vitest";
import { adviceHref } from "./docs-href";

test("advice leads to our own page or to the web, never anywhere else", () => {
  expect(adviceHref("docs/advice.md#a2")).toBe("/docs/advice#a2");
  expect(adviceHref("https://opentelemetry.io/docs")).toBe("https://opentelemetry.io/docs");
  expect(adviceHref("javascript:alert(1)")).toBeNull();
  expect(adviceHref("")).toBeNull();
});

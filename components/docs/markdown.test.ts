import { expect, test } from "vitest";
import { docsLink, parseInline, parseMarkdown } from "./markdown";

test("a page of the docs is read as its author meant it", () => {
  const page = [
    "# Abandoned span",
    "",
    "It began",
    "and never ended.",
    "",
    "```",
    "a |----",
    "# not a heading",
    "```",
    "- one",
    "  goes on",
    "- two",
    "",
    "| a | b |",
    "|---|---|",
    "| 1 | x \\| y |",
  ];
  expect(parseMarkdown(page.join("\n"))).toEqual([
    { type: "heading", level: 1, text: "Abandoned span", id: "abandoned-span" },
    { type: "text", text: "It began and never ended." },
    { type: "code", text: "a |----\n# not a heading" },
    { type: "list", ordered: false, items: ["one goes on", "two"] },
    { type: "table", head: ["a", "b"], rows: [["1", "x | y"]] },
  ]);
});

test("an unclosed fence or an odd line never hangs or loses text", () => {
  expect(parseMarkdown("```\nabc")).toEqual([{ type: "code", text: "abc" }]);
  expect(parseMarkdown("| not a table")).toEqual([{ type: "text", text: "| not a table" }]);
});

test("markup inside code stays code", () => {
  expect(parseInline("see `a **b**` and **c** in [d](e.md), *so* 2 * 3 * 4")).toEqual([
    { type: "plain", text: "see " },
    { type: "code", text: "a **b**" },
    { type: "plain", text: " and " },
    { type: "strong", text: "c" },
    { type: "plain", text: " in " },
    { type: "link", text: "d", href: "e.md" },
    { type: "plain", text: ", " },
    { type: "em", text: "so" },
    { type: "plain", text: " 2 * 3 * 4" },
  ]);
});

test("links between pages work in the product, and a script is never a link", () => {
  expect(docsLink("checks/stale-span", "abandoned-span.md")).toBe("/docs/checks/abandoned-span");
  expect(docsLink("checks/stale-span", "../causes.md#hung")).toBe("/docs/causes#hung");
  expect(docsLink("causes", "https://opentelemetry.io")).toBe("https://opentelemetry.io");
  expect(docsLink("causes", "../lib/diagnosis/index.ts")).toBeNull();
  expect(docsLink("causes", "javascript:alert(1)")).toBeNull();
  expect(docsLink("causes", "//evil.example/docs/causes.md")).toBeNull();
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CURES, sayAdvice } from "./index";

const cure = (id: string, language: string | null, args: Record<string, string> = {}) => sayAdvice({ id, language, args }, "en");

test("the snippet speaks the user's SDK, and carries the user's own call site and span", () => {
  const said = cure("A2", "python-logfire", { callSite: "worker.py:41" });
  expect(said).toMatchObject({ id: "A2", language: "python", title: "Flush before the process ends", docs: "docs/advice.md#a2" });
  expect(said.snippet).toContain("# worker.py:41");
  expect(said.snippet).toContain("logfire.force_flush()");
  expect(cure("A1", "nodejs", { spanName: "charge card" }).snippet).toContain('startActiveSpan("charge card"');
});

test("what is not known is left out, not shown as a hole", () => {
  for (const [id, { snippets }] of Object.entries(CURES)) {
    for (const language of Object.keys(snippets)) expect(cure(id, language).snippet, id).not.toMatch(/«|»|undefined/);
  }
});

test("a language without a snippet of its own gets another's rather than nothing", () => {
  expect(cure("A2", "rust").snippet).not.toBe("");
  expect(cure("A3", "nodejs-logfire")).toMatchObject({ language: "nodejs" });
});

test("every cure has a title in both languages and a snippet", () => {
  for (const [id, { en, zh, snippets }] of Object.entries(CURES)) {
    expect([en, zh].every(Boolean), id).toBe(true);
    expect(zh, id).toMatch(/[\u4e00-\u9fff]/);
    expect(Object.keys(snippets).length, id).toBeGreaterThan(0);
  }
});

test("a span's name cannot break out of its quotes", () => {
  expect(cure("A1", "go", { spanName: 'say "hi"\nnow' }).snippet).toContain('tracer.Start(ctx, "say \\"hi\\" now")');
});

test("docs/advice.md shows every cure as it is said", () => {
  const page = readFileSync("docs/advice.md", "utf8");
  for (const [id, { en, snippets }] of Object.entries(CURES)) {
    expect(page, id).toContain(`## ${id}\n\n${en}.`);
    for (const language of Object.keys(snippets)) expect(page, id).toContain(cure(id, language).snippet);
  }
});

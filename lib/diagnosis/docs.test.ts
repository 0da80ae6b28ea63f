import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { KINDS } from "./finding";
import { CHECKS } from "./index";
import { SOURCE_CHECKS } from "./source-checks";

const ALL = [...CHECKS.map(({ kind }) => ["checks", kind]), ...SOURCE_CHECKS.map(({ kind }) => ["source-checks", kind])] as const;

test.each(ALL)("%s/%s has its test, its page with a drawing, and a line in the list", (folder, kind) => {
  expect(existsSync(`lib/diagnosis/${folder}/${kind}.test.ts`)).toBe(true);
  const page = readFileSync(`docs/checks/${kind}.md`, "utf8");
  for (const part of [`# ${kind}`, "```", "**Rule.**", "**Evidence shown.**", "**Certainty.**", "**What retracts it.**", "**Cures.**"]) {
    expect(page).toContain(part);
  }
  expect(readFileSync("docs/checks/README.md", "utf8")).toContain(`](${kind}.md)`);
});

test("a check is listed once", () => {
  const kinds = CHECKS.map(({ kind }) => kind);
  expect(new Set(kinds).size).toBe(kinds.length);
});

test("every kind that a finding may be of has its check", () => {
  const checked = new Set<string>([...CHECKS, ...SOURCE_CHECKS].map(({ kind }) => kind));
  expect(KINDS.filter((kind) => !checked.has(kind))).toEqual([]);
});

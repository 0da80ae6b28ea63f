import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { captureFolders, loadCapture } from "@/lib/testing/captures/capture";
import { replayCapture } from "@/lib/testing/captures/replay-capture";
import { KINDS } from "./finding";

const PAGE = readFileSync("docs/certainty.md", "utf8");
/** Rows of the page's tables: kinds, rule, assumption, what would show it wrong. */
const ROWS = PAGE.split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (kind|---)/.test(line))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const kindsOf = (cell: string | undefined): string[] =>
  KINDS.filter((kind) => new RegExp(`(^|[^a-z-])${kind}($|[^a-z-])`).test(cell ?? ""));
const LISTED = new Set(ROWS.flatMap(([cell]) => kindsOf(cell)));
const HOW = "list the rule in docs/certainty.md, with what it assumes and what would show it wrong";

/** Where the code says `proved` by itself: not in types, in the certainty of a cause, or where it passes on what was said elsewhere. */
function proofsIn(source: string): number {
  return source
    .split("\n")
    .filter((line) => !/"proved" \||\["proved"|because: sentence|=== "proved"/.test(line))
    .reduce((sum, line) => sum + [...line.matchAll(/"proved"/g)].length, 0);
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesBelow(path);
    return entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts") ? [path] : [];
  });
}

describe("what may be called proved", () => {
  const proving = sourcesBelow("lib/diagnosis")
    .map((path) => [path, proofsIn(readFileSync(path, "utf8"))] as const)
    .filter(([, count]) => count > 0);

  test.each(proving)("each rule of %s has its row on the page", (path, count) => {
    const rows = ROWS.filter(([, rule]) => rule?.includes(`(../${path})`));
    expect(rows.length, HOW).toBe(count);
  });

  test("the page lists no rule that is not there, and says of each what it assumes", () => {
    const known = new Set(proving.map(([path]) => path));
    for (const [kinds, rule, assumes, wrong] of ROWS) {
      expect(kindsOf(kinds), rule).not.toEqual([]);
      expect(known, rule).toContain(/\(\.\.\/(lib[^)]+)\)/.exec(rule ?? "")?.[1]);
      expect(Math.min(assumes?.length ?? 0, wrong?.length ?? 0), rule).toBeGreaterThan(5);
    }
  });

  test.each(captureFolders().map((folder) => [basename(folder), folder]))("%s is proved nothing of another kind", (_, folder) => {
    const { findings } = replayCapture(loadCapture(folder), { settleMs: 3_000, staleAfterMs: 600_000 });
    const proved = new Set<string>(findings.filter(({ certainty }) => certainty === "proved").map(({ kind }) => kind));
    expect(
      [...proved].filter((kind) => !LISTED.has(kind)),
      HOW,
    ).toEqual([]);
  });

  test.each([...LISTED].map((kind) => [kind]))("the page of %s leads to this one", (kind) => {
    expect(readFileSync(`docs/checks/${kind}.md`, "utf8")).toContain("](../certainty.md)");
  });
});

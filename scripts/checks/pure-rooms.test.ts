import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

/** Lines of the sources under `folders` that match, as `file:line text`; tests, tests' helpers and comments left out. */
function linesThat(folders: string[], matches: RegExp, allowed: RegExp = /(?!)/): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
      .filter((file) => !file.includes("/testing/"))
      .flatMap((file) =>
        readFileSync(join(ROOT, file), "utf8")
          .split("\n")
          .map((line, index) => ({ line, at: `${file}:${index + 1} ${line.trim()}` }))
          .filter(({ line }) => matches.test(line.replace(/^\s*(\*|\/\/).*|\/\*.*?\*\/|\s\/\/ .*/g, "")) && !allowed.test(line))
          .map(({ at }) => at),
      ),
  );
}

test("the pure rooms ask no clock and no dice, so that the same evidence gives the same finding everywhere", () => {
  const rooms = ["lib/otel", "lib/otlp", "lib/span-tree", "lib/diagnosis"];
  expect(linesThat(rooms, /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bcrypto\.(randomUUID|getRandomValues)\(/)).toEqual([]);
});

test("what the browser shares of the pure rooms does without Node's Buffer", () => {
  expect(linesThat(["lib/span-tree", "lib/diagnosis"], /\bBuffer\b/)).toEqual([]);
});

test("only lib/config.ts reads settings, so that a wrong one stops the start with one clear line", () => {
  const notOurs = /process\.env\.(NODE_ENV|NEXT_RUNTIME|npm_lifecycle_event)\b/;
  // Besides the two that parse settings: those that hand the environment on to a child, and a snippet of advice that shows how to.
  const known =
    /^(lib\/(config|logger)|db\/embedded\/run-program|lib\/supervisor\/supervise|lib\/diagnosis\/advice\/linking|db\/drizzle\.config)\.ts:/;
  const found = linesThat(["app", "components", "db", "lib"], /\bprocess\.env\b/, notOurs);
  expect(found.filter((line) => !known.test(line))).toEqual([]);
});

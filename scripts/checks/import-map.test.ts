import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const ROOMS = ["app", "components", "lib", "db", "e2e"];
const skeletons: string[] = [];
afterAll(() => {
  for (const folder of skeletons) rmSync(folder, { recursive: true, force: true });
});

interface CruiseResult {
  modules: { source: string }[];
  summary: { violations: { rule: { name: string } }[] };
}

async function cruise(cwd: string): Promise<CruiseResult> {
  const cli = join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [cli, "--config", join(ROOT, ".dependency-cruiser.mjs"), "--output-type", "json", ...ROOMS],
    { cwd, maxBuffer: 1 << 28 },
  ).catch((error: { stdout?: string; message: string }) => {
    if (error.stdout?.startsWith("{")) return { stdout: error.stdout }; // violations: exit code is their number
    throw error;
  });
  return JSON.parse(stdout) as CruiseResult;
}

const filesIn = (cwd: string) =>
  ROOMS.flatMap((room) =>
    readdirSync(join(cwd, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts"))
      .map((entry) => join(entry.parentPath, entry.name).slice(cwd.length + 1)),
  );

test("no file escapes the import map (a newer TypeScript would make dependency-cruiser see none, and pass)", async () => {
  const { modules } = await cruise(ROOT);
  const seen = new Set(modules.map((module) => module.source));
  expect(filesIn(ROOT).filter((file) => !seen.has(file))).toEqual([]);
}, 120_000);

/** A house in miniature: paths to contents, in which every import is allowed. */
const CLEAN = {
  "tsconfig.json": JSON.stringify({ compilerOptions: { module: "ESNext", moduleResolution: "bundler", paths: { "@/*": ["./*"] } } }),
  "app/api/traces/route.ts": `import { route } from "@/lib/http/route"; export const GET = route;`,
  "components/row.tsx": `import type { Span } from "@/lib/otel/span"; export const Row = (span: Span) => span;`,
  "db/client.ts": `import "@/lib/config"; export const db = 1;`,
  "e2e/trace.spec.ts": `import "@/lib/testing/draw";`,
  "lib/alerts/evaluate.ts": `import "@/lib/diagnosis/check"; export const evaluate = 1;`,
  "lib/config.ts": `import "node:fs"; export const config = 1;`,
  "lib/diagnosis/check.ts": `import "@/lib/span-tree/tree"; export const check = 1;`,
  "lib/http/route.ts": `import "@/lib/config"; export const route = 1;`,
  "lib/otel/span.ts": `export type Span = string;`,
  "lib/span-tree/tree.ts": `import type { Span } from "@/lib/otel/span"; export const tree = (span: Span) => span;`,
  "lib/testing/draw.ts": `import type { Span } from "@/lib/otel/span"; export const draw = (span: Span) => span;`,
  "lib/traces/load.ts": `import "@/db/client"; export const load = 1;`,
};

function build(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "import-map-"));
  skeletons.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

test("a house that keeps to the table passes", async () => {
  const { modules, summary } = await cruise(build(CLEAN));
  expect(summary.violations).toEqual([]);
  expect(modules.length).toBeGreaterThanOrEqual(Object.keys(CLEAN).length - 1);
}, 60_000);

test("each way of breaking the table is reported by the sentence that names the rule", async () => {
  const { summary } = await cruise(
    build({
      ...CLEAN,
      "lib/diagnosis/check.ts": `import "@/lib/span-tree/tree"; import "@/db/client"; export const check = 1;`,
      "components/row.tsx": `import "@/lib/traces/load"; export const Row = 1;`,
      "lib/span-tree/tree.ts": `import "node:fs"; import "@/lib/otel/span"; export const tree = 1;`,
      "lib/alerts/evaluate.ts": `import "@/lib/config"; export const evaluate = 1;`,
      "app/api/traces/route.ts": `export const GET = 1;`,
      "e2e/trace.spec.ts": `import "@/db/client";`,
      "lib/config.ts": `import "@/lib/http/route"; export const config = 1;`,
      "lib/utils/helper.ts": `import "@/lib/otel/span"; export const helper = 1;`,
    }),
  );
  expect([...new Set(summary.violations.map((violation) => violation.rule.name))].sort()).toEqual([
    "components imports only its neighbours",
    "e2e imports only its neighbours",
    "every JSON route goes through lib/http/route",
    "every folder of lib is a room of the table",
    "lib/diagnosis imports only its neighbours",
    "no cycles",
    "the alert decision is pure",
    "the pure rooms do no I/O",
    "what every room shares imports no room",
  ]);
}, 60_000);

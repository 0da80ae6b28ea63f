import { spawn } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

/** A checkout with nothing in it but the scripts. npm and Next.js are stand-ins that write down that they were called. */
let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "spanwatch-prepare-"));
  mkdirSync(join(checkout, "scripts"));
  for (const name of ["prepare.mjs", "prepare", "run.mjs"])
    cpSync(join(import.meta.dirname, "..", name), join(checkout, "scripts", name), { recursive: true });
  mkdirSync(join(checkout, "app"));
  writeFileSync(join(checkout, "app/page.tsx"), "one");
  writeFileSync(
    join(checkout, "started.mjs"),
    'import { appendFileSync } from "node:fs"; appendFileSync("calls", ["started", ...process.argv.slice(2)].join(" ") + "\\n"); process.exit(3);',
  );
  writeFileSync(join(checkout, "npm.js"), FAKE_NPM);
  lock({ "node_modules/tsx": "1.0.0", "node_modules/next": "1.0.0" }, { "node_modules/vitest": "1.0.0" });
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

test("a fresh clone is installed and built, says so, and then starts, with the exit code of what was started", async () => {
  const { code, said } = await prepare("--", "started.mjs", "--dev");
  expect(code, said).toBe(3);
  expect(calls()).toEqual(["npm ci --omit=dev", "next build", "started --dev"]);
  expect(
    said
      .replace(/\([\d.]+ s\)/g, "(n s)")
      .trim()
      .split("\n"),
  ).toEqual([
    "… installing the packages (npm ci)",
    "✓ installing the packages (npm ci) (n s)",
    "… building the pages (next build)",
    "✓ building the pages (next build) (n s)",
  ]);
});

test("where all is there, nothing is done and nothing said", async () => {
  await prepare();
  expect(await prepare()).toEqual({ code: 0, said: "" });
  expect(calls()).toEqual(["npm ci --omit=dev", "next build"]);
});

test("after an update only what it changed is done again", async () => {
  await prepare();
  writeFileSync(join(checkout, "app/page.tsx"), "two");
  await prepare();
  writeFileSync(join(checkout, "app/page.test.tsx"), "a test is not part of the build");
  await prepare();
  expect(calls()).toEqual(["npm ci --omit=dev", "next build", "next build"]);
  lock({ "node_modules/tsx": "1.0.1", "node_modules/next": "1.0.0" }, {});
  await prepare("--no-build");
  expect(calls().slice(3)).toEqual(["npm ci --omit=dev"]);
});

test("tests need the packages that a start does without, and no build", async () => {
  await prepare("--no-build");
  await prepare("--test");
  await prepare("--no-build");
  expect(calls()).toEqual(["npm ci --omit=dev", "npm ci --include=dev"]);
});

test("an install or build that was broken off counts as none", async () => {
  await prepare();
  rmSync(join(checkout, "node_modules/.package-lock.json"));
  await prepare();
  writeFileSync(
    join(checkout, "node_modules/next/dist/bin/next"),
    'require("node:fs").mkdirSync(".next", { recursive: true }); process.exit(1);',
  );
  writeFileSync(join(checkout, "app/page.tsx"), "two");
  const broken = await prepare();
  expect(broken.code).toBe(1);
  expect(broken.said).toMatch(/✗ building the pages \(next build\): failed after [\d.]+ s/);
  const again = await prepare();
  expect(again.code).toBe(1);
});

test("what npm complains of is shown, and nothing is started", async () => {
  writeFileSync(join(checkout, "npm.js"), 'console.error("npm error network request failed"); process.exit(1);');
  const { code, said } = await prepare("--", "started.mjs");
  expect(code).toBe(1);
  expect(said).toContain("npm error network request failed");
  expect(existsSync(join(checkout, "calls"))).toBe(false);
});

test("two started at once on a fresh clone do the work once", async () => {
  const both = await Promise.all([prepare(), prepare()]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(calls()).toEqual(["npm ci --omit=dev", "next build"]);
  expect(both.map(({ said }) => said).join()).toContain("… waiting for another Spanwatch that is installing or building here");
});

test("a lock that was made this very moment, its pid not yet in it, is not taken for one that was left behind", async () => {
  mkdirSync(join(checkout, ".cache"));
  writeFileSync(join(checkout, ".cache/prepare.lock"), "");
  const waiting = prepare();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const before = existsSync(join(checkout, "calls"));
  rmSync(join(checkout, ".cache/prepare.lock"));
  expect((await waiting).code).toBe(0);
  expect([before, calls()]).toEqual([false, ["npm ci --omit=dev", "next build"]]);
});

test("a lock of one that was killed holds nobody up", async () => {
  mkdirSync(join(checkout, ".cache"));
  appendFileSync(join(checkout, ".cache/prepare.lock"), "4194305");
  expect((await prepare()).code).toBe(0);
});

test("a Node that is too old is told so in one line", async () => {
  writeFileSync(
    join(checkout, "old.cjs"),
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.18.3" } });',
  );
  const { code, said } = await prepare.with({ NODE_OPTIONS: "--require ./old.cjs" });
  expect([code, said]).toEqual([1, "Spanwatch needs Node.js 20.19 or newer; this is 20.18.3.\n"]);
});

const prepare = Object.assign((...args: string[]) => run(args, {}), { with: (env: Record<string, string>) => run([], env) });

function run(args: string[], env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ["scripts/prepare.mjs", ...args], {
    cwd: checkout,
    env: { ...process.env, npm_execpath: join(checkout, "npm.js"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (said += data));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, said })));
}

const calls = () => readFileSync(join(checkout, "calls"), "utf8").trim().split("\n");

function lock(needed: Record<string, string>, ofTests: Record<string, string>): void {
  const entries = (versions: Record<string, string>, dev: boolean) =>
    Object.entries(versions).map(([path, version]) => [path, dev ? { version, dev } : { version }]);
  const elsewhere = ["node_modules/for-another-platform", { version: "1.0.0", optional: true }];
  const packages = Object.fromEntries([["", { name: "spanwatch" }], ...entries(needed, false), ...entries(ofTests, true), elsewhere]);
  writeFileSync(join(checkout, "package-lock.json"), JSON.stringify({ packages }));
}

/** Writes down how it was called, and what the real one leaves: its own lock, and a Next.js that does likewise. */
const FAKE_NPM = `
  const fs = require("node:fs");
  const args = process.argv.slice(2).filter((arg) => arg === "ci" || arg.includes("dev"));
  fs.appendFileSync("calls", "npm " + args.join(" ") + "\\n");
  const { packages } = JSON.parse(fs.readFileSync("package-lock.json", "utf8"));
  for (const [path, one] of Object.entries(packages)) if (one.optional || (one.dev && args.includes("--omit=dev"))) delete packages[path];
  fs.mkdirSync("node_modules/tsx", { recursive: true });
  fs.writeFileSync("node_modules/tsx/package.json", JSON.stringify({ name: "tsx", main: "index.js" }));
  fs.writeFileSync("node_modules/tsx/index.js", "");
  fs.mkdirSync("node_modules/next/dist/bin", { recursive: true });
  fs.writeFileSync("node_modules/next/dist/bin/next",
    "const fs = require('node:fs'); fs.appendFileSync('calls', 'next build\\\\n'); fs.mkdirSync('.next', { recursive: true }); fs.writeFileSync('.next/BUILD_ID', '1');");
  setTimeout(() => fs.writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages })), 300);
`;

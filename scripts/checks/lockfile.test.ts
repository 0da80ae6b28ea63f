import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
/** The oldest Node that we promise to run on, and the one most people will clone with. */
const NODES = ["20.19.0", "20.20.2"];
const LICENCES = new Set([
  "MIT",
  "MIT-0",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "0BSD",
  "BlueOak-1.0.0",
  "Unlicense",
  "CC0-1.0",
  "OFL-1.1",
  "CC-BY-4.0",
  "Python-2.0",
]);
/** Weak copyleft that is used as it comes and not linked into what we ship; anything else under these licences is refused. */
const EXCEPTIONS: [RegExp, string, string][] = [
  [/^(@img\/sharp|sharp)/, "LGPL-3.0-or-later", "optional part of next that never runs here: images are served as they are"],
  [/^lightningcss/, "MPL-2.0", "compiles style sheets at build time"],
  [/^(axe-core|@axe-core\/playwright)$/, "MPL-2.0", "accessibility checks in tests"],
];

interface LockEntry {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  dev?: boolean;
  hasInstallScript?: boolean;
  license?: string;
  engines?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}
const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as { packages: Record<string, LockEntry> };
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<string, Record<string, string>>;
const entries = Object.entries(lock.packages).filter(([path]) => path !== "");

/** Where node would find `name` when required from the package at `path`, or null. */
function entryOf(path: string, name: string): LockEntry | null {
  for (
    let from = path;
    ;
    from = from.includes("node_modules/") ? from.slice(0, from.lastIndexOf("node_modules/")).replace(/\/$/, "") : ""
  ) {
    const found = lock.packages[`${from ? `${from}/` : ""}node_modules/${name}`];
    if (found) return found;
    if (from === "") return null;
  }
}

test("every platform's optional packages are in the lock, so that npm ci works on macOS and Windows too", () => {
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !entryOf(path, name)?.version)
      .map((name) => `${path || "spanwatch"} → ${name}`),
  );
  expect(missing).toEqual([]);
});

test("every package that is downloaded is checked against its hash", () => {
  expect(entries.filter(([, entry]) => !entry.link && !entry.integrity).map(([path]) => path)).toEqual([]);
});

test("the lock names no registry host, so that it installs from anybody's mirror", () => {
  expect(entries.filter(([, entry]) => entry.resolved?.startsWith("http")).map(([path]) => path)).toEqual([]);
});

test("no dependency refuses the Node that we promise to run on", () => {
  const refusing = entries
    .filter(([, { engines }]) => engines?.node && !NODES.every((node) => satisfies(node, engines.node as string)))
    .map(([path, { engines }]) => `${path}: ${engines?.node}`);
  expect(refusing).toEqual([]);
});

test("every dependency may be given away with Spanwatch", () => {
  const refused = entries
    .filter(([path, { license }]) => !isAllowed(license ?? "none named", path.slice(path.lastIndexOf("node_modules/") + 13)))
    .map(([path, { license }]) => `${path}: ${license}`);
  expect(refused).toEqual([]);
});

test("our own dependencies are pinned exactly", () => {
  const loose = ["dependencies", "devDependencies", "optionalDependencies"].flatMap((field) =>
    Object.entries(manifest[field] ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
  );
  expect(loose).toEqual([]);
});

/** SPDX expressions as package.json files use them: `A OR B`, `A AND B`, in parentheses or not. */
function isAllowed(expression: string, name: string): boolean {
  const text = expression.replace(/[()]/g, " ").trim();
  if (/ OR /.test(text)) return text.split(/ OR /).some((part) => isAllowed(part, name));
  const excepted = EXCEPTIONS.filter(([pattern]) => pattern.test(name)).map(([, licence]) => licence);
  return text.split(/ AND /).every((licence) => LICENCES.has(licence.trim()) || excepted.includes(licence.trim()));
}

/** The part of semver ranges that `engines.node` fields use: comparators, ^, ~, x-ranges, `||`. */
function satisfies(version: string, range: string): boolean {
  return range.split("||").some((part) =>
    part
      .trim()
      .replace(/([<>=~^]+)\s+/g, "$1")
      .split(/\s+/)
      .filter((comparator) => comparator && comparator !== "*" && comparator !== "x")
      .every((comparator) => compares(version, comparator)),
  );
}

function compares(version: string, comparator: string): boolean {
  const [, operator = "", text = ""] = /^([<>=~^]*)v?(.*)$/.exec(comparator) ?? [];
  const given =
    text
      .split("-")[0]
      ?.split(".")
      .filter((piece) => piece !== "x" && piece !== "*")
      .map(Number) ?? [];
  const floor = [given[0] ?? 0, given[1] ?? 0, given[2] ?? 0];
  const actual = version.split(".").map(Number);
  const difference = actual.map((piece, index) => piece - (floor[index] ?? 0)).find((delta) => delta !== 0) ?? 0;
  const same = (pieces: number) => actual.slice(0, pieces).every((piece, index) => piece === floor[index]);
  if (operator === ">=") return difference >= 0;
  if (operator === ">") return difference > 0;
  if (operator === "<=") return difference <= 0;
  if (operator === "<") return difference < 0;
  if (operator === "^") return difference >= 0 && same(1);
  if (operator === "~") return difference >= 0 && same(Math.min(2, given.length));
  return same(given.length);
}

test("the reading of version ranges that the check above stands on is right", () => {
  const cases: [string, boolean][] = [
    [">=18", true],
    [">= 20.19.0", true],
    ["^18.0.0 || ^20.0.0", true],
    ["^20.19.0 || >=22.12.0", true],
    [">=22.12", false],
    ["20 || >=22", true],
    ["^18 || ^22", false],
    ["~20.20", true],
    [">=20.20.3", false],
    ["<20", false],
    ["*", true],
    [">=16 <21", true],
    ["18.x", false],
    ["20.x", true],
    [">= 6.0.0", true],
    [">=20.9.0", true],
    ["=20.20.2", true],
    ["^20.20.3", false],
    [">20", true],
    ["<=20.20.2", true],
  ];
  expect(cases.map(([range]) => [range, satisfies("20.20.2", range)])).toEqual(cases);
});

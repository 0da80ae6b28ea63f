import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { step } from "./step.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Where the hash of the sources that a build was made from is kept; written last, so a build that was broken off has none. */
const MARK = `${root}.next/spanwatch-sources`;
const FOLDERS = ["app", "components", "db", "lib", "messages", "public"];
const FILES = ["next.config.ts", "package-lock.json", "postcss.config.mjs", "proxy.ts", "instrumentation.ts", "tsconfig.json"];

/** Whether .next is a whole build of the sources as they are now. */
export function isBuilt() {
  return existsSync(`${root}.next/BUILD_ID`) && existsSync(MARK) && readFileSync(MARK, "utf8") === hashSources();
}

/** Runs `next build`. */
export async function build() {
  rmSync(MARK, { force: true });
  const hash = hashSources();
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  await step("building the pages (next build)", process.execPath, ["node_modules/next/dist/bin/next", "build"], { cwd: root, env });
  writeFileSync(MARK, hash);
}

function hashSources() {
  const hash = createHash("sha256");
  for (const path of [...FOLDERS.flatMap(listFiles), ...FILES].sort()) {
    if (existsSync(root + path))
      hash
        .update(`${path}\0`)
        .update(readFileSync(root + path))
        .update("\0");
  }
  return hash.digest("hex");
}

/** What no page imports does not count: a changed test or migration builds nothing anew. */
function listFiles(folder) {
  if (!existsSync(root + folder)) return [];
  return readdirSync(root + folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(test\.tsx?|sql|md)$/.test(entry.name))
    .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`.replaceAll("\\", "/").slice(root.length));
}

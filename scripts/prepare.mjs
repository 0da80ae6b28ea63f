// Does what is missing before a start: installs packages, builds the pages, and says so. Needs nothing but Node and npm. Then runs the file
// after `--` in this same process, so that signals reach it and its exit code is ours. (npm's own prestart would not run: .npmrc turns
// scripts around installs off, and with them those.)
//
//   node scripts/prepare.mjs -- server.ts                     what runs, and the build
//   node scripts/prepare.mjs --no-build -- server.ts --dev    what runs
//   node scripts/prepare.mjs --test -- scripts/test.mjs       what runs and what tests need, no build
import { parseArgs } from "node:util";
import { build, isBuilt } from "./prepare/build.mjs";
import { install, isInstalled } from "./prepare/install.mjs";
import { withLock } from "./prepare/lock.mjs";

const [ours, entry] = splitAt(process.argv.slice(2), "--");
const { values: options } = parseArgs({
  args: ours,
  options: { test: { type: "boolean", default: false }, "no-build": { type: "boolean", default: false } },
});
const wantsBuild = !options.test && !options["no-build"];

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Spanwatch needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

try {
  const isReady = () => isInstalled({ dev: options.test }) && (!wantsBuild || isBuilt());
  if (!isReady()) {
    await withLock(async () => {
      if (!isInstalled({ dev: options.test })) await install({ dev: options.test });
      if (wantsBuild && !isBuilt()) await build();
    });
  }
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

if (entry.length > 0) {
  process.argv.splice(2, process.argv.length, ...entry);
  await import("./run.mjs");
}

function splitAt(list, mark) {
  const at = list.indexOf(mark);
  return at < 0 ? [list, []] : [list.slice(0, at), list.slice(at + 1)];
}

// Does what is missing before a start: installs packages, builds the pages. Needs nothing but Node and npm, and says what it does.
//
//   node scripts/prepare.mjs              for `npm start`: what runs, and the build
//   node scripts/prepare.mjs --no-build   for `npm run dev`: what runs
//   node scripts/prepare.mjs --test       for `npm test`: everything, no build
import { parseArgs } from "node:util";
import { build, isBuilt } from "./prepare/build.mjs";
import { install, isInstalled } from "./prepare/install.mjs";
import { withLock } from "./prepare/lock.mjs";

const { values: options } = parseArgs({
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

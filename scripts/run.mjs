// Runs a TypeScript file of this project in this very process: `node scripts/run.mjs server.ts --dev`.
import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
if (!existsSync(`${root}node_modules/tsx`)) {
  console.error("The packages are not installed: run `npm start` (or `npm test`) once, it installs them.");
  process.exit(1);
}
process.chdir(root);
await import("tsx");
// As if the entry had been started itself: argv[1] is the program, its arguments follow.
process.argv.splice(1, 2, root + process.argv[2]);
await import(pathToFileURL(process.argv[1]).href);

// `npm test`: every check and test there is, one after the other, closing with one line `N passed, N failed`. Needs nothing but Node.
//
//   npm test                      all of it
//   npm run check                 the fast gate: what a commit must pass (no database, no browser)
//   npm test -- --only=unit,e2e   some steps, by name
import { availableParallelism, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { ensureBrowser } from "./browser.mjs";
import { runStep } from "./test/run-step.mjs";
import { STEPS } from "./test/steps.mjs";

const { values: options } = parseArgs({ options: { check: { type: "boolean", default: false }, only: { type: "string" } } });
const only = options.only?.split(",");
const unknown = only?.filter((name) => !STEPS.some((step) => step.name === name)) ?? [];
if (unknown.length > 0) {
  console.error(`no such step: ${unknown.join(", ")}. There are: ${STEPS.map((step) => step.name).join(", ")}`);
  process.exit(1);
}
const chosen = STEPS.filter((step) => (only ? only.includes(step.name) : step.fast || !options.check));

const startedAt = Date.now();
console.log(
  `${chosen.length} steps · Node ${process.versions.node} · ${availableParallelism()} cores · ${Math.round(totalmem() / 2 ** 30)} GiB\n`,
);
if (chosen.some((step) => step.browser)) {
  const complaint = ensureBrowser();
  if (complaint) {
    console.log(`${complaint}\nThe tests that need one are skipped and counted as skipped.\n`);
    process.env.SPANWATCH_NO_BROWSER = complaint;
  }
}

const outcomes = [];
for (const step of chosen) outcomes.push(await runStep(step));

console.log("");
for (const { name, passed, failed, skipped, seconds } of outcomes) {
  const counts = `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
  console.log(`${failed ? "✗" : "✓"} ${name.padEnd(10)} ${seconds.toFixed(1).padStart(7)} s   ${counts}`);
}
for (const { name, failures } of outcomes) for (const failure of failures) console.log(`\n✗ ${name}: ${failure}`);
for (const { name, skips } of outcomes) for (const skip of skips) console.log(`\n- ${name} skipped: ${skip}`);

const sum = (field) => outcomes.reduce((total, outcome) => total + outcome[field], 0);
console.log(`\n${((Date.now() - startedAt) / 60_000).toFixed(1)} minutes`);
console.log(`${sum("passed")} passed, ${sum("failed")} failed${sum("skipped") ? `, ${sum("skipped")} skipped` : ""}`);
process.exitCode = sum("failed") ? 1 : 0;

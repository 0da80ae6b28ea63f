// What `npm test` runs, in order: cheap and telling first. `fast` steps are the gate of a commit (`npm run check`).
import { playwrightCounts, scoreCounts, vitestCounts } from "./counts.mjs";

const bin = (name) => `node_modules/.bin/${name}`;
const MINUTE = 60_000;

const vitest = (project, limitMs, fast = false) => ({
  name: project,
  fast,
  limitMs,
  commands: (report) => [
    [bin("vitest"), "run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
  ],
  counts: vitestCounts,
});

export const STEPS = [
  { name: "format", fast: true, limitMs: 3 * MINUTE, commands: () => [[bin("biome"), "check", "--diagnostic-level=error", "."]] },
  {
    name: "types",
    fast: true,
    limitMs: 5 * MINUTE,
    commands: () => [
      [bin("next"), "typegen"],
      [bin("tsc"), "--noEmit"],
    ],
  },
  {
    name: "imports",
    fast: true,
    limitMs: 3 * MINUTE,
    commands: () => [[bin("depcruise"), "app", "components", "lib", "db", "e2e", "scripts", "server.ts"]],
  },
  { name: "unused", fast: true, limitMs: 3 * MINUTE, commands: () => [[bin("knip")]] },
  vitest("unit", 10 * MINUTE, true),
  vitest("db", 10 * MINUTE),
  { name: "build", limitMs: 10 * MINUTE, commands: () => [[process.execPath, "scripts/prepare.mjs"]] },
  vitest("start", 10 * MINUTE),
  vitest("crash", 15 * MINUTE),
  vitest("fleet", 25 * MINUTE),
  {
    name: "e2e",
    browser: true,
    limitMs: 20 * MINUTE,
    commands: () => [[bin("playwright"), "test", "--config", "e2e/playwright.config.ts"]],
    counts: playwrightCounts,
  },
  {
    name: "score",
    limitMs: 10 * MINUTE,
    commands: (report) => [[process.execPath, "scripts/run.mjs", "scripts/score.ts", "--report", report]],
    counts: scoreCounts,
  },
];

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  failures: string[];
  skips: string[];
}
type Reader = (file: string) => Counts | null;
const COUNTS: string = join(import.meta.dirname, "counts.mjs");
const RUN_STEP: string = join(import.meta.dirname, "run-step.mjs");
const { vitestCounts, playwrightCounts } = (await import(COUNTS)) as { vitestCounts: Reader; playwrightCounts: Reader };
const { runStep } = (await import(RUN_STEP)) as { runStep: (step: unknown, options: unknown) => Promise<Counts & { seconds: number }> };

const folder = mkdtempSync(join(tmpdir(), "counts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileOf = (report: unknown) => {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, JSON.stringify(report));
  return file;
};
const vitestTest = (status: string, fullName: string) => ({ status, fullName });

test("vitest: every test case counts, and a file that could not be loaded is a failure although it has no test", () => {
  const file = fileOf({
    testResults: [
      {
        name: "/a.test.ts",
        status: "failed",
        message: "",
        assertionResults: [vitestTest("passed", "one"), vitestTest("failed", "two"), vitestTest("skipped", "three")],
      },
      { name: "/b.test.ts", status: "failed", message: "Cannot find module x\nat y", assertionResults: [] },
      { name: "/c.test.ts", status: "passed", message: "", assertionResults: [vitestTest("passed", "four"), vitestTest("todo", "five")] },
    ],
  });
  expect(vitestCounts(file)).toEqual({
    passed: 2,
    failed: 2,
    skipped: 2,
    failures: ["/a.test.ts: two", "/b.test.ts: Cannot find module x"],
    skips: ["/a.test.ts: three", "/c.test.ts: five"],
  });
});

const spec = (title: string, status: string, annotations: unknown[] = []) => ({
  file: "x.spec.ts",
  title,
  tests: [{ status, annotations }],
});

test("Playwright: nested suites count, a flaky test and an error outside of tests are failures, a skip says why", () => {
  const file = fileOf({
    errors: [{ message: "the server did not start\nat z" }],
    suites: [
      {
        specs: [spec("one", "expected"), spec("two", "flaky")],
        suites: [{ specs: [spec("three", "unexpected"), spec("four", "skipped", [{ type: "skip", description: "no browser" }])] }],
      },
    ],
  });
  expect(playwrightCounts(file)).toEqual({
    passed: 1,
    failed: 3,
    skipped: 1,
    failures: ["e2e/x.spec.ts: two", "e2e/x.spec.ts: three", "the server did not start"],
    skips: ["e2e/x.spec.ts: four (no browser)"],
  });
});

const NODE = process.execPath;
const step = (script: string, counts?: (report: string) => Counts | null, limitMs = 60_000) => ({
  name: `step-${Math.random()}`,
  limitMs,
  commands: () => [[NODE, "-e", script]],
  counts,
});
const counted = (passed: number, failed: number) => () => ({ passed, failed, skipped: 0, failures: [], skips: [] });

test.each([
  ["a command without counts is one test", step(""), 1, 0],
  ["and fails when it does", step("process.exit(3)"), 0, 1],
  ["a runner's own counts are taken", step("", counted(5, 0)), 5, 0],
  ["a runner that failed although it counts no failure is one", step("process.exit(1)", counted(5, 0)), 5, 1],
  ["a runner that wrote no report is a failure", step("", () => null), 0, 1],
  ["no test at all is a failure", step("", counted(0, 0)), 0, 1],
  ["a step that hangs is ended", step("setInterval(() => {}, 1000)", undefined, 1500), 0, 1],
  ["a program that is not there is a failure", { ...step(""), commands: () => [["no-such-program"]] }, 0, 1],
])("%s", async (_, wanted, passed, failed) => {
  expect(await runStep(wanted, { folder, say: () => {} })).toMatchObject({ passed, failed });
});

test("the output of a failing step is shown, of a passing one it is not", async () => {
  const said: string[] = [];
  const say = (text: string) => said.push(text);
  await runStep(step("console.log('all is well')"), { folder, say });
  await runStep(step("console.error('a leaf fell'); process.exit(1)"), { folder, say });
  expect(said.join("")).toContain("a leaf fell");
  expect(said.join("")).not.toContain("all is well");
});

// Reads the runners' own reports: `{ passed, failed, skipped, failures, skips }`. Null where there is no report, so that a runner that
// died before it wrote one is a failure and not zero tests.
import { existsSync, readFileSync } from "node:fs";

const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null);
const relative = (file) => file.replace(`${process.cwd()}/`, "");

export function vitestCounts(file) {
  const report = read(file);
  if (!report) return null;
  const tests = report.testResults.flatMap((suite) => suite.assertionResults.map((test) => ({ ...test, file: relative(suite.name) })));
  const failed = tests.filter((test) => test.status === "failed");
  const skipped = tests.filter((test) => test.status !== "failed" && test.status !== "passed");
  // A file that could not be loaded, or whose hooks threw, has no failed test of its own.
  const broken = report.testResults.filter(
    (suite) => suite.status === "failed" && !suite.assertionResults.some((test) => test.status === "failed"),
  );
  return {
    passed: tests.length - failed.length - skipped.length,
    failed: failed.length + broken.length,
    skipped: skipped.length,
    failures: [
      ...failed.map((test) => `${test.file}: ${test.fullName}`),
      ...broken.map((suite) => `${relative(suite.name)}: ${suite.message.split("\n")[0] || "could not be run"}`),
    ],
    skips: skipped.map((test) => `${test.file}: ${test.fullName}`),
  };
}

export function playwrightCounts(file) {
  const report = read(file);
  if (!report) return null;
  const specs = [];
  const walk = (suite) => {
    specs.push(...(suite.specs ?? []));
    for (const inner of suite.suites ?? []) walk(inner);
  };
  for (const suite of report.suites) walk(suite);
  const of = (...statuses) => specs.filter((spec) => spec.tests.some((test) => statuses.includes(test.status)));
  const said = (spec) => `e2e/${spec.file}: ${spec.title}`;
  const failed = of("unexpected", "flaky");
  const skipped = of("skipped");
  const reason = (spec) => spec.tests[0]?.annotations?.find((annotation) => annotation.type === "skip")?.description;
  return {
    passed: of("expected").length,
    failed: failed.length + report.errors.length,
    skipped: skipped.length,
    failures: [...failed.map(said), ...report.errors.map((error) => String(error.message).split("\n")[0])],
    skips: skipped.map((spec) => `${said(spec)}${reason(spec) ? ` (${reason(spec)})` : ""}`),
  };
}

/** The report of scripts/score.ts is in this shape already. */
export const scoreCounts = read;

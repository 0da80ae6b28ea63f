import { expect, test } from "vitest";
import { replayCapture } from "@/lib/testing/captures/replay-capture";
import { seeded } from "@/lib/testing/captures/vary-capture";
import { type FleetVerdict, judgeFleet } from "./judge-fleet";
import { FAULTS, type Plan, planFleet } from "./plan";
import { recordFleet } from "./record";

const PROGRAMS = 220;
const SEED = Number(process.env.SPANWATCH_FLEET_SEED ?? 1);
const AT_ONCE = 5;
/** Where only silence tells, it takes ten times as long as an SDK may hold a batch back (docs/certainty.md). */
const WATCHED_MS = 120_000;
const SETTINGS = { settleMs: 3_000, staleAfterMs: 600_000 };

test(`of ${PROGRAMS} random fleets with real SDKs at least 95 of 100 faults are found, and 95 of 100 findings are true`, async () => {
  const random = seeded(SEED);
  const plans = Array.from({ length: PROGRAMS }, (_, n) => planFleet(n, random));
  const verdicts: FleetVerdict[] = [];
  const waiting = [...plans];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let plan: Plan | undefined = waiting.shift(); plan; plan = waiting.shift()) {
        const capture = await recordFleet(plan);
        verdicts.push(judgeFleet(plan, capture, replayCapture(capture, SETTINGS, WATCHED_MS)));
      }
    }),
  );

  const all = summaryOf("all", verdicts);
  process.stdout.write(
    `${[
      ...FAULTS.map((fault) =>
        summaryOf(
          fault,
          verdicts.filter(({ plan }) => plan.fault === fault),
        ),
      ),
      all,
    ]
      .map(line)
      .join("\n")}\n`,
  );
  for (const { plan, wrong, missed } of verdicts) {
    for (const text of [...missed.map((one) => `missed ${one}`), ...wrong.map((one) => `wrong ${one}`)])
      process.stdout.write(
        `${plan.id} (${plan.spawn} × ${plan.workers}, ${plan.starts ? "starts" : "ends only"}, ${plan.identity}): ${text}\n`,
      );
  }
  expect(all.recall).toBeGreaterThanOrEqual(0.95);
  expect(all.precision).toBeGreaterThanOrEqual(0.95);
});

function summaryOf(name: string, verdicts: readonly FleetVerdict[]) {
  const sum = (read: (verdict: FleetVerdict) => number) => verdicts.reduce((total, verdict) => total + read(verdict), 0);
  const [expected, found, said, wrong] = [
    sum((one) => one.expected),
    sum((one) => one.found),
    sum((one) => one.said),
    sum((one) => one.wrong.length),
  ];
  const recall = expected === 0 ? 1 : found / expected;
  return { name, programs: verdicts.length, expected, found, said, wrong, recall, precision: said === 0 ? 1 : (said - wrong) / said };
}

const line = ({ name, programs, expected, found, wrong, recall, precision }: ReturnType<typeof summaryOf>): string =>
  `${name.padEnd(22)} ${String(programs).padStart(4)} programs   found ${found}/${expected}   wrong ${wrong}   recall ${recall.toFixed(3)}   precision ${precision.toFixed(3)}`;

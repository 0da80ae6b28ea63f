import type { Capture, TruthLine } from "@/lib/testing/captures/capture";
import type { Replay, ReplayedFinding } from "@/lib/testing/captures/replay-capture";
import type { Plan } from "./plan";

type Kind = ReplayedFinding["kind"];

/** What must be said of one fleet: by one of these kinds, about this span (or as this missing parent). */
interface Expected {
  kinds: readonly Kind[];
  span?: string;
}

export interface FleetVerdict {
  plan: Plan;
  expected: number;
  found: number;
  /** Loud findings, whatever became of them, and those among them that nothing that happened explains. */
  said: number;
  wrong: string[];
  missed: string[];
}

/** Compares what was found of a fleet with what its processes wrote down. */
export function judgeFleet(plan: Plan, capture: Capture, { findings }: Replay): FleetVerdict {
  const { expected, allowed } = whatHappened(plan, capture.truth as FleetLine[]);
  const open = findings.filter(({ state }) => state === "open");
  const loud = findings.filter(({ severity }) => severity !== "info");
  const missed = expected.filter((rule) => !open.some((finding) => answers(rule, finding)));
  const wrong = loud.filter((finding) => finding.state !== "open" || ![...expected, ...allowed].some((rule) => answers(rule, finding)));
  return {
    plan,
    expected: expected.length,
    found: expected.length - missed.length,
    said: loud.length,
    wrong: wrong.map(
      (finding) => `${finding.kind} (${finding.certainty}, ${finding.causes[0]?.id}, ${finding.state}) ${subjectOf(finding)}`,
    ),
    missed: missed.map(({ kinds, span }) => `${kinds.join(" or ")} ${span ?? ""}`),
  };
}

const subjectOf = ({ missingSpanId, spanIds }: ReplayedFinding): string => missingSpanId ?? spanIds[0] ?? "";

const answers = ({ kinds, span }: Expected, finding: ReplayedFinding): boolean =>
  kinds.includes(finding.kind) && (span === undefined || span === finding.missingSpanId || finding.spanIds.includes(span));

interface FleetLine extends TruthLine {
  worker: number | null;
  name?: string;
}

function whatHappened(plan: Plan, truth: readonly FleetLine[]): { expected: Expected[]; allowed: Expected[] } {
  const starts = truth.filter(({ event }) => event === "span-start");
  const ended = new Set(truth.filter(({ event }) => event === "span-end").map(({ span }) => span));
  const ofFaulty = starts.filter(({ worker }) => worker !== null && plan.faulty.includes(worker));
  const tops = starts.filter(({ name }) => name?.startsWith("work #"));
  const spans = (lines: readonly FleetLine[]) => lines.map(({ span }) => span as string);
  const each = (kinds: readonly Kind[], lines: readonly FleetLine[]): Expected[] => spans(lines).map((span) => ({ kinds, span }));
  const top = ofFaulty.filter(({ name }) => name?.startsWith("work #"));

  switch (plan.fault) {
    case "healthy":
    case "killed-when-done":
      return { expected: [], allowed: [] };
    case "killed":
    case "terminated-by-parent":
    case "exit-before-flush": {
      // An SDK that tells of starts leaves the spans open; one that tells of ends only leaves the steps without their parent.
      const open = ofFaulty.filter(
        ({ span, name }) => !ended.has(span) && (plan.fault !== "exit-before-flush" || name?.startsWith("work #")),
      );
      const expected = plan.starts ? each(["abandoned-span"], open) : each(["orphaned-span"], top);
      return { expected, allowed: each(["truncated-worker", "worker-without-logs"], top) };
    }
    case "no-context":
      return { expected: each(["disconnected-worker"], tops), allowed: [] };
    case "stale-carrier": {
      const prepare = starts.filter(({ name }) => name === "prepare");
      return { expected: [{ kinds: ["stale-carrier"] }], allowed: each(["parent-already-closed"], prepare) };
    }
    case "parent-ended-early":
      return { expected: [{ kinds: ["parent-already-closed"] }], allowed: [] };
    case "never-ended": {
      const forgotten = ofFaulty.filter(({ name }) => name === "forgotten");
      return { expected: each([plan.starts ? "abandoned-span" : "orphaned-span"], forgotten), allowed: [] };
    }
    case "logs-not-flushed":
      return { expected: each(["worker-without-logs"], top), allowed: [] };
    case "silent":
      return { expected: [{ kinds: ["silent-worker"] }], allowed: [] };
  }
}

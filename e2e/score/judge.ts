import type { FindingView, SpanView } from "../spanwatch-api";
import type { Rule } from "./capture";
import type { Replayed } from "./replay";

/** A finding as it is judged. */
export interface Judged extends FindingView {
  process: { pid: number | null } | null;
}

interface RuleResult {
  rule: Rule;
  /** The finding that answers the rule, or null: missed. */
  finding: Judged | null;
  causeRight: boolean;
  certaintyRight: boolean;
  /** From the death of the process until Spanwatch said so, ms; null for what is not about a death. */
  latencyMs: number | null;
}

export interface Verdict {
  id: string;
  rules: RuleResult[];
  /** Loud findings that nobody expected. */
  wrong: Judged[];
  /** Loud findings that were opened and later withdrawn, expected by nobody. */
  flaps: Judged[];
  /** Spans shown open or ended otherwise than they were. */
  states: string[];
  /** Requests answered otherwise than recorded. */
  answers: string[];
}

/** Compares what was found of a replayed capture with what really happened. Rules of kinds outside `kinds` are left out. */
export function judge(capture: Replayed, findings: Judged[], spans: ReadonlyMap<string, SpanView>, kinds: ReadonlySet<string>): Verdict {
  const { expect, allow = [] } = capture.expected;
  const loud = findings.filter((finding) => finding.severity !== "info");
  const open = findings.filter((finding) => finding.state === "open");
  const expected = (finding: Judged) => [...expect, ...allow].some((rule) => answers(rule, finding, capture));
  return {
    id: capture.id,
    rules: expect.filter((rule) => kinds.has(rule.kind)).map((rule) => judgeRule(rule, open, capture)),
    wrong: loud.filter((finding) => finding.state === "open" && !expected(finding)),
    flaps: loud.filter((finding) => (finding.state === "resolved" || finding.state === "retracted") && !expected(finding)),
    states: wrongStates(capture, spans),
    answers: capture.answers
      .filter(({ recorded, got }) => got !== recorded)
      .map(({ path, recorded, got }) => `${path} was answered ${got}, recorded ${recorded}`),
  };
}

function answers(rule: Rule, finding: Judged, capture: Replayed): boolean {
  return (
    rule.kind === finding.kind &&
    (rule.trace === undefined || capture.renamed(rule.trace) === finding.traceId) &&
    (rule.span === undefined || finding.spanIds.includes(rule.span)) &&
    (rule.missing === undefined || rule.missing === finding.missingSpanId) &&
    (rule.pid === undefined || rule.pid === finding.process?.pid)
  );
}

function judgeRule(rule: Rule, open: Judged[], capture: Replayed): RuleResult {
  const found = open.filter((finding) => answers(rule, finding, capture));
  const enough = found.reduce((sum, finding) => sum + finding.count, 0) >= (rule.count ?? 1);
  const causeRight = (finding: Judged) => !rule.causes || rule.causes.includes(finding.cause ?? "");
  const certaintyRight = (finding: Judged) => !rule.certainty || rule.certainty.includes(finding.certainty);
  const best = found.find((finding) => causeRight(finding) && certaintyRight(finding)) ?? found[0];
  const finding = enough && best ? best : null;
  const diedMs = rule.kind === "abandoned-span" ? deathOf(capture, rule.span) : null;
  return {
    rule,
    finding,
    causeRight: finding !== null && causeRight(finding),
    certaintyRight: finding !== null && certaintyRight(finding),
    latencyMs: finding && diedMs !== null ? Date.parse(finding.openedAt) - diedMs : null,
  };
}

/** When the process that started the span ended, on the replay's clock (Unix ms), by its own account. */
function deathOf(capture: Replayed, spanId: string | undefined): number | null {
  const pid = capture.truth.find((line) => line.event === "span-start" && line.span === spanId)?.pid;
  const exit = capture.truth.find((line) => line.event === "process-exit" && line.pid === pid);
  return exit ? exit.t * 1000 + capture.deltaMs : null;
}

function wrongStates(capture: Replayed, spans: ReadonlyMap<string, SpanView>): string[] {
  const { ongoing = [], closedAt = {} } = capture.expected;
  const shown = (id: string) => {
    const span = spans.get(id);
    return span ? (span.endTimeUnixNano ?? "open") : "absent";
  };
  const should = [
    ...ongoing.map((id) => [id, "open"] as const),
    ...Object.entries(closedAt).map(([id, time]) => [id, String(BigInt(time) + BigInt(capture.deltaMs) * 1_000_000n)] as const),
  ];
  return should.filter(([id, right]) => shown(id) !== right).map(([id, right]) => `span ${id} should be ${right}, is ${shown(id)}`);
}

import type { TraceEvidence } from "@/lib/diagnosis/check";
import { type Diagnosis, diagnose, isSettled } from "@/lib/diagnosis/diagnose";
import { diagnoseSources, sourceClosingOf } from "@/lib/diagnosis/diagnose-sources";
import type { FindingDraft } from "@/lib/diagnosis/finding";
import type { DiagnosisSettings } from "@/lib/diagnosis/settings";
import type { SourceEvidence, TraceFinding } from "@/lib/diagnosis/source-check";
import { SOURCE_CHECKS } from "@/lib/diagnosis/source-checks";
import type { Span } from "@/lib/otel/span";
import type { Capture, CaptureEvent, ExpectedFinding } from "./capture";
import { RecordedServer } from "./recorded-server";

export interface ReplayedFinding extends FindingDraft {
  state: "open" | "withdrawn";
  openedMs: number;
  pid: number | null;
}

export interface Replay {
  findings: ReplayedFinding[];
  /** The spans of every trace as they stand at the end. */
  spans: Span[];
  unsettled: string[];
}

/** How long after the last event the server is still watched, ms: twice a settling time of 3 s, and what score.mjs waits besides. */
const AFTERWARDS_MS = 20_000;
const COALESCE_MS = 100;
/** As lib/scheduler/take-arrivals has it. */
const COALESCE_SOURCES_MS = 1_000;
const SOURCES_AGAIN_MS = 5_000;
const SOURCE_KINDS = new Set<string>(SOURCE_CHECKS.map(({ kind }) => kind));

/**
 * Feeds a recording to the checks as the scheduler would, on the recording's own clock: a trace is looked at when something open of it
 * arrives, when a connection of its processes closes, when it has been quiet for the settling time, and when a check wants to look again.
 */
export function replayCapture(capture: Capture, settings: DiagnosisSettings, afterwardsMs = AFTERWARDS_MS): Replay {
  const server = new RecordedServer();
  const due = new Map<string, number>();
  const findings = new Map<string, ReplayedFinding>();
  const settled = new Set<string>();
  let sourcesDueMs = Number.POSITIVE_INFINITY;
  const raise = (traceId: string, atMs: number) => due.set(traceId, Math.min(due.get(traceId) ?? Number.POSITIVE_INFINITY, atMs));

  const look = (traceId: string, nowMs: number) => {
    const evidence = server.evidenceOf(traceId, nowMs, settings);
    const diagnosis = diagnose(evidence);
    note(findings, evidence, diagnosis);
    if (isSettled(evidence, diagnosis)) settled.add(traceId);
    else settled.delete(traceId);
    due.delete(traceId);
    if (diagnosis.lookAgainAtMs !== null) raise(traceId, Math.max(diagnosis.lookAgainAtMs, nowMs + 1));
    const settleAtMs = evidence.lastReceivedMs + settings.settleMs;
    if (nowMs < settleAtMs) raise(traceId, settleAtMs);
  };
  const lookAtSources = (nowMs: number) => {
    const evidence = server.sourceEvidence(traceFindingsOf(findings), nowMs, settings);
    const diagnosis = diagnoseSources(evidence);
    noteSources(findings, evidence, diagnosis.findings);
    sourcesDueMs = diagnosis.lookAgainAtMs === null ? Number.POSITIVE_INFINITY : Math.max(diagnosis.lookAgainAtMs, nowMs + 1);
  };
  const passTime = (untilMs: number) => {
    for (;;) {
      const [next] = [...due].sort(([, a], [, b]) => a - b);
      const traceDueMs = next?.[1] ?? Number.POSITIVE_INFINITY;
      if (Math.min(traceDueMs, sourcesDueMs) > untilMs) return;
      if (next && traceDueMs <= sourcesDueMs) look(next[0], traceDueMs);
      else lookAtSources(sourcesDueMs);
    }
  };

  let lastMs = capture.wallMs;
  for (const event of capture.events) {
    const atMs = capture.wallMs + event.at;
    passTime(atMs);
    lastMs = atMs;
    sourcesDueMs = Math.min(sourcesDueMs, atMs + (isSign(event) ? COALESCE_SOURCES_MS : SOURCES_AGAIN_MS));
    if (event.event === "garbage") server.noteGarbage(event, atMs);
    if (event.event === "open") server.open(event, atMs);
    if (event.event === "close") for (const traceId of server.close(event, atMs)) raise(traceId, atMs + COALESCE_MS);
    if (event.event !== "request") continue;
    for (const { traceId, isOpen } of server.receive(event, atMs)) raise(traceId, isOpen ? atMs + COALESCE_MS : atMs + settings.settleMs);
  }
  passTime(lastMs + afterwardsMs);
  return {
    findings: [...findings.values()],
    spans: [...server.traces.keys()].flatMap((traceId) => server.evidenceOf(traceId, lastMs, settings).spans),
    unsettled: [...server.traces.keys()].filter((traceId) => !settled.has(traceId)),
  };
}

/** What one look at a trace saw: findings open, stand, or are withdrawn. */
function note(findings: Map<string, ReplayedFinding>, evidence: TraceEvidence, { findings: drafts, waiting }: Diagnosis): void {
  const seen = new Set<string>();
  for (const draft of drafts) {
    const key = `${draft.kind} ${draft.traceId} ${draft.subject}`;
    seen.add(key);
    const known = findings.get(key);
    const owner = evidence.processes.get(draft.processId ?? "") ?? evidence.neighbours.get(draft.processId ?? "");
    const openedMs = known?.state === "open" ? known.openedMs : evidence.nowMs;
    findings.set(key, { ...draft, state: "open", openedMs, pid: owner?.pid ?? null });
  }
  for (const [key, finding] of findings) {
    if (finding.traceId === evidence.traceId && !seen.has(key) && !waiting.has(finding.kind)) finding.state = "withdrawn";
  }
}

/** What one look at the senders saw. */
function noteSources(findings: Map<string, ReplayedFinding>, evidence: SourceEvidence, drafts: readonly FindingDraft[]): void {
  const seen = new Set<string>();
  for (const draft of drafts) {
    const key = `${draft.kind} ${draft.traceId} ${draft.subject}`;
    seen.add(key);
    const known = findings.get(key);
    const owner = evidence.senders.find(({ process }) => process.processId === draft.processId)?.process;
    findings.set(key, {
      ...draft,
      state: "open",
      openedMs: known?.state === "open" ? known.openedMs : evidence.nowMs,
      pid: owner?.pid ?? null,
    });
  }
  for (const [key, finding] of findings) {
    if (finding.traceId !== null || !SOURCE_KINDS.has(finding.kind) || seen.has(key)) continue;
    if (sourceClosingOf({ lastEvidenceMs: finding.lastEvidenceMs }, evidence) !== null) finding.state = "withdrawn";
  }
}

const traceFindingsOf = (findings: ReadonlyMap<string, ReplayedFinding>): TraceFinding[] =>
  [...findings.values()].flatMap(({ kind, traceId, processId, openedMs, state }) =>
    traceId === null || state !== "open" ? [] : [{ kind, traceId, processId, openedMs }],
  );

/** A hand-shake, or something that is refused. */
const isSign = (event: CaptureEvent): boolean => event.event === "garbage" || (event.event === "request" && event.method === "GET");

const isLoud = ({ severity }: FindingDraft): boolean => severity !== "info";

const matches = (rule: ExpectedFinding, finding: ReplayedFinding): boolean =>
  (!rule.kind || rule.kind === finding.kind) &&
  (!rule.trace || rule.trace === finding.traceId) &&
  (!rule.span || finding.spanIds.includes(rule.span)) &&
  (!rule.missing || rule.missing === finding.missingSpanId) &&
  (!rule.pid || rule.pid === finding.pid);

/** What is wrong with the findings of a replay, a line each; only expectations of `kinds` are asked for. */
export function judgeReplay(capture: Capture, { findings, spans }: Replay, kinds: ReadonlySet<string>): string[] {
  const { expect = [], allow = [], ongoing = [], closedAt = {} } = capture.expected;
  const open = findings.filter(({ state }) => state === "open");
  const isKnown = (finding: ReplayedFinding) => [...expect, ...allow].some((rule) => matches(rule, finding));
  const ends = new Map(spans.map((span) => [span.spanId, span.endTimeUnixNano]));
  return [
    ...expect.filter(({ kind }) => kind !== undefined && kinds.has(kind)).flatMap((rule) => judgeRule(rule, open)),
    ...findings.filter((finding) => isLoud(finding) && !isKnown(finding)).map(describeFalse),
    ...ongoing.filter((spanId) => ends.get(spanId) !== null).map((spanId) => `${spanId} should be open`),
    ...Object.entries(closedAt).flatMap(([spanId, end]) => (ends.get(spanId) === BigInt(end) ? [] : [`${spanId} should end at ${end}`])),
  ];
}

function judgeRule(rule: ExpectedFinding, open: readonly ReplayedFinding[]): string[] {
  const hits = open.filter((finding) => matches(rule, finding));
  const counted = hits.reduce((sum, { count }) => sum + count, 0);
  const about = `${rule.kind} ${rule.span ?? rule.missing ?? rule.pid ?? ""}`;
  if (hits.length === 0 || counted < (rule.count ?? 0)) return [`missed ${about}: ${rule.why}`];
  if (rule.causes && !hits.some(({ causes }) => rule.causes?.includes(causes[0]?.id ?? ""))) {
    return [`cause of ${about} is ${hits[0]?.causes[0]?.id}, expected ${rule.causes.join(" or ")}`];
  }
  if (rule.certainty && !hits.some(({ certainty }) => rule.certainty?.includes(certainty)))
    return [`certainty of ${about} is ${hits[0]?.certainty}`];
  return [];
}

function describeFalse({ state, kind, certainty, causes, missingSpanId, spanIds }: ReplayedFinding): string {
  return `${state === "open" ? "false" : "flap"} ${kind} (${certainty}, ${causes[0]?.id}) ${missingSpanId ?? spanIds[0]}`;
}

/** From the exit of the process that owned an expected abandoned span to the finding, ms, for each that was found. */
export function abandonedLatencies(capture: Capture, { findings }: Replay): number[] {
  return (capture.expected.expect ?? []).flatMap((rule) => {
    if (rule.kind !== "abandoned-span") return [];
    const finding = findings.find((one) => one.state === "open" && one.kind === "abandoned-span" && one.spanIds[0] === rule.span);
    const pid = capture.truth.find((line) => line.event === "span-start" && line.span === rule.span)?.pid;
    const exit = capture.truth.find((line) => line.event === "process-exit" && line.pid === pid);
    return finding && exit ? [finding.openedMs - exit.t * 1000] : [];
  });
}

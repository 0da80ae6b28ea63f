import { causesOfDeath } from "../cause-of-death";
import type { Check, TraceEvidence } from "../check";
import type { Cause, Evidence, FindingDraft, RankedCause, Sentence } from "../finding";
import { type Abandonment as AnyAbandonment, type OpenSpan, openSpansOf, startMsOf } from "../open-spans";
import type { ProcessEvidence } from "../process-evidence";
import { processSentence } from "../process-state";
import { adviceFor, callSiteText, connectionRef, evidenceOf, processLabel, processRef, sentence, spanRef } from "../sentences";

/**
 * L3, L4, L10: a span that will never end, because its process has, because its heartbeats ceased, or because everything around it ended
 * and left it behind.
 *
 *   nightly import   |--------------------------|      @main
 *     worker 1         |------------------|            @w1
 *     worker 3         |.........                      @w3   its connection closed, and it never came back
 *
 * "Its end never arrived" is what the wire knows: a span whose end waited in the batch queue at a kill looks the same as one that was open.
 */
export const abandonedSpan: Check = {
  kind: "abandoned-span",
  find: (evidence) => ({
    // What a sweeper gave up is `closed-by-sweeper`.
    findings: openSpansOf(evidence).flatMap((open) =>
      open.abandoned && open.abandoned.by !== "sweeper" ? [abandonedFinding(evidence, open, open.abandoned)] : [],
    ),
    lookAgainAtMs: null,
  }),
};

type Abandonment = Exclude<AnyAbandonment, { by: "sweeper" }>;

function abandonedFinding(evidence: TraceEvidence, open: OpenSpan, abandoned: Abandonment): FindingDraft {
  const { span, owner, lastActivityMs } = open;
  const causes = causesOf(evidence, open, abandoned);
  const cause = (causes[0] as RankedCause).id;
  return {
    kind: "abandoned-span",
    severity: "error",
    certainty: abandoned.certainty,
    subject: span.spanId,
    service: span.service,
    traceId: evidence.traceId,
    spanIds: [span.spanId],
    missingSpanId: null,
    processId: owner?.processId ?? span.processId,
    spanName: span.name,
    title: titleOf(open, abandoned, cause),
    count: 1,
    causes,
    evidence: linesOf(evidence, open, abandoned),
    advice: adviceFor(evidence, CURES[cause] ?? ["A2", "A4"], span, owner),
    retractedBy: sentence(abandoned.by === "process" ? "retracted-by.process-reports" : "retracted-by.end"),
    lastEvidenceMs: abandoned.by === "process" ? Math.max(abandoned.atMs, lastActivityMs) : lastActivityMs,
  };
}

/** wire.md §12, most fitting first. */
const CURES: Partial<Record<Cause, readonly string[]>> = {
  "process-died": ["A4", "A2"],
  "exited-without-flush": ["A2", "A5"],
  "stopped-by-parent": ["A3", "A4"],
  "heartbeat-lost": ["A4", "A2"],
};

function causesOf(evidence: TraceEvidence, open: OpenSpan, abandoned: Abandonment): RankedCause[] {
  const { owner } = open;
  if (abandoned.by === "heartbeat") {
    return [
      {
        id: "heartbeat-lost",
        certainty: "likely",
        because: sentence("because.heartbeat-lost", { duration: abandoned.everyMs, at: abandoned.atMs }),
      },
      {
        id: "process-died",
        certainty: "possible",
        because: sentence("because.process-silent", { process: processLabel(owner), at: abandoned.atMs }),
      },
    ];
  }
  if (abandoned.by === "process" && owner !== null) return causesOfDeath(evidence, owner, abandoned.atMs, open);
  // Nobody saw this process end: what is known is that it is silent where its like went on.
  const silent = sentence("because.process-silent", { process: processLabel(owner), at: owner?.lastReceivedMs ?? abandoned.atMs });
  const causes: RankedCause[] = [{ id: "process-died", certainty: "likely", because: silent }];
  if (abandoned.by === "left-behind") {
    const because = sentence("because.left-behind", { span: abandoned.leftBehind.ancestor.name });
    causes.push({ id: "stopped-by-parent", certainty: "possible", because });
  }
  return causes;
}

function titleOf({ span, owner, lastActivityMs }: OpenSpan, abandoned: Abandonment, cause: Cause): Sentence {
  const args = { process: processLabel(owner), span: span.name, startAt: startMsOf(span), at: abandoned.atMs };
  if (abandoned.by === "heartbeat") return sentence("abandoned-span.heartbeat-title", { ...args, duration: abandoned.everyMs });
  if (abandoned.by === "left-behind") {
    return sentence("abandoned-span.left-behind-title", { ...args, at: lastActivityMs, ancestor: abandoned.leftBehind.ancestor.name });
  }
  if (cause === "stopped-by-parent") return sentence("abandoned-span.stopped-title", args);
  if (cause === "exited-without-flush") return sentence("abandoned-span.exited-title", args);
  return sentence(abandoned.certainty === "proved" ? "abandoned-span.gone-title" : "abandoned-span.died-title", args);
}

function linesOf(evidence: TraceEvidence, open: OpenSpan, abandoned: Abandonment): Evidence[] {
  const { span, owner, process } = open;
  const site = callSiteText(evidence.callSites.get(span.spanId)) ?? "";
  const lines = [evidenceOf("evidence.started", { span: span.name, at: startMsOf(span), callSite: site }, spanRef(span))];
  if (abandoned.by === "left-behind") lines.push(...leftBehindLines(abandoned));
  if (abandoned.by === "heartbeat")
    lines.push(evidenceOf("evidence.last-heartbeat", { at: abandoned.atMs, duration: abandoned.everyMs }, spanRef(span)));
  if (owner) {
    lines.push(evidenceOf("evidence.last-record", { process: processLabel(owner), at: owner.lastReceivedMs }, processRef(owner)));
    lines.push({ sentence: processSentence(process), ref: abandoned.by === "process" ? placeOfDeath(owner) : processRef(owner) });
  }
  return lines;
}

const placeOfDeath = (owner: ProcessEvidence) => (owner.local === null ? connectionRef(owner) : processRef(owner));

function leftBehindLines({ leftBehind: { ancestor, siblings, top } }: Abandonment & { by: "left-behind" }): Evidence[] {
  return [
    evidenceOf(
      "evidence.ancestor-ended",
      { span: ancestor.name, at: Number((ancestor.endTimeUnixNano ?? 0n) / 1_000_000n) },
      spanRef(ancestor),
    ),
    evidenceOf("evidence.siblings-ended", { count: siblings.length, name: top.name }, siblings[0] ? spanRef(siblings[0]) : null),
  ];
}

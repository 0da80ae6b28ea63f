import type { SpanId } from "@/lib/otel/ids";
import type { Span } from "@/lib/otel/span";
import { msOf } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import { type EndlessRoot, endlessRootOf } from "../endless-root";
import { indexOf } from "../evidence-index";
import type { Evidence, FindingDraft, RankedCause } from "../finding";
import { openSpansOf } from "../open-spans";
import { processSentence } from "../process-state";
import { adviceFor, callSiteText, evidenceOf, missingRef, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";

/**
 * L12: one span is open as long as its process lives, and all the work of the process hangs below it: one trace without end.
 *
 *   main         |................................          opened as the process began
 *     GET /a       |--|                                     hundreds of these, for hours
 *     GET /b           |---|
 *     GET /a                   |--|
 */
export const endlessRoot: Check = {
  kind: "endless-root",
  find: (evidence) => {
    const root = endlessRootOf(evidence);
    return { findings: root === null || isGivenUp(evidence, root) ? [] : [endlessFinding(evidence, root)], lookAgainAtMs: null };
  },
};

/** A family is ordered: what is abandoned is not endless besides. */
const isGivenUp = (evidence: TraceEvidence, { node }: EndlessRoot): boolean =>
  openSpansOf(evidence).some((open) => open.node === node && open.state === "abandoned");

const HOUR_MS = 3_600_000;
const TEN_MINUTES_MS = 600_000;

function endlessFinding(evidence: TraceEvidence, { span, node, owner, units, ageMs, certainty }: EndlessRoot): FindingDraft {
  const [first] = units;
  const spanId = span?.spanId ?? (evidence.tree.missing[node - evidence.tree.spanCount] as string);
  // Rounded down, so that the finding does not change with every request.
  const duration = ageMs >= HOUR_MS ? ageMs - (ageMs % HOUR_MS) : ageMs - (ageMs % TEN_MINUTES_MS);
  const args = {
    process: processLabel(owner),
    span: span?.name ?? "",
    name: first?.name ?? "",
    count: roundedDown(units.length),
    duration,
  };
  const startAt = msOf((span ?? first)?.startTimeUnixNano ?? 0n);
  return {
    kind: "endless-root",
    severity: "warning",
    certainty,
    subject: spanId,
    service: owner.service,
    traceId: evidence.traceId,
    spanIds: [...(span ? [spanId] : []), ...units.slice(0, SPAN_IDS_MAX / 10).map((unit) => unit.spanId)],
    missingSpanId: span ? null : spanId,
    processId: owner.processId,
    spanName: span?.name ?? first?.name ?? "",
    title: sentence(span ? "endless-root.title" : "endless-root.inferred-title", { ...args, startAt }),
    count: 1,
    causes: causesOf(certainty, args),
    evidence: [
      rootLine(evidence, span, spanId),
      evidenceOf("evidence.work-below", args, first ? spanRef(first) : null),
      evidenceOf("evidence.first-heard", { process: processLabel(owner), at: owner.firstReceivedMs }, processRef(owner)),
      { sentence: processSentence(indexOf(evidence).stateOf(owner)), ref: processRef(owner) },
    ],
    advice: adviceFor(evidence, span ? ["A8"] : ["A8", "A7"], span ?? first ?? null, owner),
    retractedBy: sentence(span ? "retracted-by.own-end" : "retracted-by.parent-arrives"),
    lastEvidenceMs: owner.firstReceivedMs,
  };
}

function rootLine(evidence: TraceEvidence, span: Span | null, spanId: SpanId): Evidence {
  if (span === null) return evidenceOf("evidence.never-received", { parent: spanId }, missingRef(spanId));
  const callSite = callSiteText(evidence.callSites.get(spanId)) ?? "";
  return evidenceOf("evidence.started", { span: span.name, at: msOf(span.startTimeUnixNano), callSite }, spanRef(span));
}

function causesOf(certainty: EndlessRoot["certainty"], args: { process: string; count: number }): RankedCause[] {
  return [
    { id: "never-ended", certainty, because: sentence("because.process-lifetime", args) },
    { id: "running", certainty: "possible", because: sentence("because.long-job", args) },
  ];
}

/** To its first digit: 2 044 is 2 000. */
function roundedDown(count: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(1, count)));
  return Math.floor(count / unit) * unit;
}

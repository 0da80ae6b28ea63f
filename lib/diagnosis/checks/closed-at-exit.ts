import type { Span } from "@/lib/otel/span";
import { msBetween, msOf, type UnixNano } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import { earliest } from "../earliest";
import { indexOf } from "../evidence-index";
import type { Certainty, FindingDraft } from "../finding";
import { once } from "../once";
import { ownersOf } from "../owners";
import type { ProcessEvidence } from "../process-evidence";
import { adviceFor, evidenceOf, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";

/** An exit handler closes all that is open within a few ms (wire.md §2.8, L7). */
const AT_ONCE_MS = 20;
/** How far apart parts of the last flush may come in: one that is refused is sent again after a second (wire.md §2.6). */
const FLUSH_MS = 2_000;

/**
 * L7: spans that nobody ended and an exit handler closed: nested, parent first, at once, as the last thing their process sent. Their end is
 * the exit's, not the work's.
 *
 *   read file      |--------------------|
 *     decode         |------------------|       ends with its parent, which ended first
 *       split          |----------------|
 */
export const closedAtExit: Check = {
  kind: "closed-at-exit",
  find: (evidence) => {
    const index = indexOf(evidence);
    const suspects = [...closedTogether(evidence)].map(([owner, chain]) => ({ owner, chain, state: index.stateOf(owner) }));
    return {
      findings: suspects.flatMap(({ owner, chain, state }) =>
        state.state === "ended" && state.certainty !== null ? [atExitFinding(evidence, owner, chain, state.certainty)] : [],
      ),
      lookAgainAtMs: earliest(suspects.map(({ state }) => state.lookAgainAtMs)),
    };
  },
};

/** By process: nested spans that ended at once, parents first, as the last that it did and sent; of SDKs that have such a handler. */
export const closedTogether = once((evidence): Map<ProcessEvidence, readonly Span[]> => {
  const { spans, tree } = evidence;
  const owners = ownersOf(evidence);
  const closed = new Map<ProcessEvidence, Set<Span>>();
  for (const node of tree.order) {
    const span = spans[node];
    const parentNode = tree.parent[node] as number;
    const parent = spans[parentNode];
    const owner = owners.ofNode(node);
    if (!span || !parent || owner === null || owners.ofNode(parentNode) !== owner) continue;
    if (!indexOf(evidence).sdkOf(owner).closesOpenSpansAtExit || !endedParentFirst(parent, span) || !wasSentLast(span, owner)) continue;
    const chain = closed.get(owner) ?? new Set([parent]);
    closed.set(owner, chain.add(span));
  }
  return new Map(
    [...closed].map(([owner, chain]) => [owner, [...chain]] as const).filter(([owner, chain]) => isLastOf(evidence, owner, chain)),
  );
});

/** Code that is left in order ends its children before it. An error says that it was left by an exception. */
function endedParentFirst(parent: Span, child: Span): boolean {
  if (parent.endTimeUnixNano === null || child.endTimeUnixNano === null || child.statusCode === "error" || parent.statusCode === "error")
    return false;
  const apart = msBetween(parent.endTimeUnixNano, child.endTimeUnixNano);
  return apart >= 0 && apart <= AT_ONCE_MS;
}

const wasSentLast = ({ records, endTimeUnixNano }: Span, owner: ProcessEvidence): boolean =>
  records.some((record) => record.endTimeUnixNano === endTimeUnixNano && record.receivedMs >= owner.lastReceivedMs - FLUSH_MS);

/** By its own clock nothing of the process is younger: an exit handler is the last that runs. */
function isLastOf(evidence: TraceEvidence, owner: ProcessEvidence, chain: readonly Span[]): boolean {
  const lastMs = Math.max(...chain.map(({ endTimeUnixNano }) => msOf(endTimeUnixNano ?? 0n))) + AT_ONCE_MS;
  const owners = ownersOf(evidence);
  const isLater = (time: UnixNano | null) => time !== null && msOf(time) > lastMs;
  const hasSpan = evidence.spans.some(
    ({ startTimeUnixNano, endTimeUnixNano }, node) =>
      (isLater(startTimeUnixNano) || isLater(endTimeUnixNano)) && owners.ofNode(node) === owner,
  );
  return !hasSpan && !evidence.logRecords.some(({ processId, timeUnixNano }) => isLater(timeUnixNano) && processId === owner.processId);
}

/** That it was the last it sent is no surer than that it ended. */
function atExitFinding(evidence: TraceEvidence, owner: ProcessEvidence, chain: readonly Span[], ended: Certainty): FindingDraft {
  const [first] = chain as readonly [Span];
  const at = msOf(first.endTimeUnixNano ?? 0n);
  return {
    kind: "closed-at-exit",
    severity: "warning",
    certainty: ended === "possible" ? "possible" : "likely",
    subject: first.spanId,
    service: first.service,
    traceId: evidence.traceId,
    spanIds: chain.slice(0, SPAN_IDS_MAX).map(({ spanId }) => spanId),
    missingSpanId: null,
    processId: owner.processId,
    spanName: first.name,
    title: sentence("closed-at-exit.title", { count: chain.length, span: first.name, process: processLabel(owner), at }),
    count: chain.length,
    causes: [
      { id: "exit-handler", certainty: "likely", because: sentence("because.exit-handler", { process: processLabel(owner), at }) },
      { id: "never-ended", certainty: "possible", because: sentence("because.left-open", { span: first.name }) },
    ],
    evidence: [
      ...chain
        .slice(0, 5)
        .map((span) => evidenceOf("evidence.ended-at", { span: span.name, at: msOf(span.endTimeUnixNano ?? 0n) }, spanRef(span))),
      evidenceOf("evidence.last-record", { process: processLabel(owner), at: owner.lastReceivedMs }, processRef(owner)),
    ],
    advice: adviceFor(evidence, ["A1", "A6"], first, owner),
    retractedBy: sentence("retracted-by.process-reports"),
    lastEvidenceMs: owner.lastReceivedMs,
  };
}

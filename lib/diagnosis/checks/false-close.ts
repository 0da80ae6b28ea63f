import type { Span, SpanRecord } from "@/lib/otel/span";
import { msOf, type UnixNano } from "@/lib/otel/time";
import type { Carriers } from "@/lib/span-tree/believed-end";
import type { Check, TraceEvidence } from "../check";
import { indexOf } from "../evidence-index";
import type { FindingDraft } from "../finding";
import { carriersOf, isForeignEnd } from "../foreign-ends";
import { once } from "../once";
import { adviceFor, evidenceOf, processLabel, requestRef, sentence } from "../sentences";
import { settledAtMs, waiting } from "../settling";

/**
 * L5, L9: a forked child that leaves in good order ends and sends its copies of its parent's open spans, under the parent's identity.
 *
 *   render frame   |-----------------------|      @main
 *   render frame   |--------|                     @main  request=tile-0    came with tile 0's own end
 *     tile 0         |------|                     @tile-0  request=tile-0
 *
 * The end of the span's own process is shown; the others are named here.
 */
export const falseClose: Check = {
  kind: "false-close",
  find: (evidence) => {
    const closed = falselyClosed(evidence);
    if (closed.length === 0) return { findings: [], lookAgainAtMs: null };
    // The true end comes last, so what looks false now may be all there is for a while.
    const settledMs = settledAtMs(evidence);
    if (evidence.nowMs < settledMs) return waiting(settledMs);
    return { findings: closed.map((one) => falseCloseFinding(evidence, one)), lookAgainAtMs: null };
  },
};

interface FalselyClosed {
  span: Span;
  /** Ends that others sent, one a distinct moment. */
  ends: SpanRecord[];
  /** Whether nothing stands between the senders and us: a Collector mixes processes in one request by itself. */
  isDirect: boolean;
}

const falselyClosed = once((evidence): FalselyClosed[] => {
  const { spans } = evidence;
  const suspects = spans.filter(({ records }) => records.length > 1 && records.some(({ phase }) => phase === "end"));
  if (suspects.length === 0) return [];
  const carriers = carriersOf(evidence);
  const direct = directConnections(evidence);
  return suspects.flatMap((span) => {
    const ends = falseEnds(span, carriers);
    return ends.length === 0 ? [] : [{ span, ends, isDirect: ends.every(({ connectionId }) => direct.has(connectionId)) }];
  });
});

function falseEnds({ records, processId, endTimeUnixNano }: Span, carriers: Carriers): SpanRecord[] {
  const seen = new Set<UnixNano | null>([endTimeUnixNano]);
  return records.filter((record) => {
    if (record.phase !== "end" || record.processId !== processId || seen.has(record.endTimeUnixNano)) return false;
    if (!isForeignEnd(record, carriers)) return false;
    seen.add(record.endTimeUnixNano);
    return true;
  });
}

function directConnections({ processes }: TraceEvidence): Set<string> {
  const direct = new Set<string>();
  for (const { connections } of processes.values()) for (const one of connections) if (one.direct) direct.add(one.connectionId);
  return direct;
}

function falseCloseFinding(evidence: TraceEvidence, { span, ends, isDirect }: FalselyClosed): FindingDraft {
  const owner = indexOf(evidence).processOf(span.processId);
  const certainty = isDirect && owner !== null && indexOf(evidence).sdkOf(owner).mayFork ? "proved" : "likely";
  const trueEndAt = span.endTimeUnixNano === null ? null : msOf(span.endTimeUnixNano);
  const args = { span: span.name, count: ends.length, process: processLabel(owner) };
  return {
    kind: "false-close",
    severity: "warning",
    certainty,
    subject: span.spanId,
    service: span.service,
    traceId: evidence.traceId,
    spanIds: [span.spanId],
    missingSpanId: null,
    processId: span.processId,
    spanName: span.name,
    title: trueEndAt === null ? sentence("false-close.open-title", args) : sentence("false-close.title", { ...args, at: trueEndAt }),
    count: ends.length,
    causes: [{ id: "forked-copy", certainty, because: sentence("because.forked-copy", { process: processLabel(owner) }) }],
    evidence: ends.slice(0, 10).map((end) => evidenceOf("evidence.false-end", { at: msOf(end.endTimeUnixNano ?? 0n) }, requestRef(end))),
    advice: adviceFor(evidence, ["A5"], span, owner),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: Math.max(...span.records.map(({ receivedMs }) => receivedMs)),
  };
}

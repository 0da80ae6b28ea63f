import type { Span } from "@/lib/otel/span";
import { msOf } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import type { FindingDraft, RankedCause } from "../finding";
import { adviceFor, evidenceOf, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { settledAtMs, waiting } from "../settling";
import { duplicatedIds } from "./duplicate-span-id";

/**
 * P9: parents that lead back to where they began; a span that names itself is the shortest.
 *
 *   a   |-----|    <- b
 *   b   |-----|    <- a
 */
export const parentCycle: Check = {
  kind: "parent-cycle",
  find: (evidence) => {
    const cycles = cyclesOf(evidence);
    if (cycles.length === 0) return { findings: [], lookAgainAtMs: null };
    const settledMs = settledAtMs(evidence);
    if (evidence.nowMs < settledMs) return waiting(settledMs);
    return { findings: cycles.map((cycle) => cycleFinding(evidence, cycle)), lookAgainAtMs: null };
  },
};

/** The cycles that the tree cut, and spans that name their own id, also where the tree hung them below a twin of that id. */
function cyclesOf({ tree, spans }: TraceEvidence): Span[][] {
  const cycles = tree.cycles.map((cycle) => [...cycle].flatMap((node) => spans[node] ?? []));
  const cut = new Set(cycles.flat());
  return [...cycles, ...spans.filter((span) => span.parentSpanId === span.spanId && !cut.has(span)).map((span) => [span])];
}

function cycleFinding(evidence: TraceEvidence, cycle: Span[]): FindingDraft {
  const [first] = cycle as [Span];
  const isSelf = cycle.length === 1;
  const process = evidence.processes.get(first.processId) ?? null;
  return {
    kind: "parent-cycle",
    severity: "warning",
    certainty: "proved",
    subject: cycle.map(({ spanId }) => spanId).sort()[0] ?? first.spanId,
    service: first.service,
    traceId: evidence.traceId,
    spanIds: cycle.slice(0, SPAN_IDS_MAX).map((span) => span.spanId),
    missingSpanId: null,
    processId: first.processId,
    spanName: first.name,
    title: isSelf
      ? sentence("parent-cycle.self-title", { span: first.name })
      : sentence("parent-cycle.title", { count: cycle.length, span: first.name }),
    count: 1,
    causes: causesOf(evidence, cycle),
    evidence: cycle
      .slice(0, 10)
      .map((span) =>
        evidenceOf(
          "evidence.names-parent",
          { span: span.name, parent: span.parentSpanId ?? "", at: msOf(span.startTimeUnixNano) },
          spanRef(span),
        ),
      ),
    advice: adviceFor(evidence, ["A23", "A27"], first, process),
    retractedBy: sentence("retracted-by.parent-changes"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

/** A span whose id another span of the trace has too did not choose itself as parent: their generator gave both one id. */
function causesOf({ spans }: TraceEvidence, cycle: Span[]): RankedCause[] {
  const ids = new Set(cycle.map(({ spanId }) => spanId));
  const corrupt: RankedCause = { id: "corrupt-data", certainty: "likely", because: sentence("because.cycle") };
  if (!duplicatedIds(spans).some((variants) => ids.has((variants[0] as Span).spanId))) return [corrupt];
  const cloned: RankedCause = { id: "cloned-id-generator", certainty: "likely", because: sentence("because.cycle-of-twins") };
  return [cloned, { ...corrupt, certainty: "possible" }];
}

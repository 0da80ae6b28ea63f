import type { Span } from "@/lib/otel/span";
import { msOf } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import { templateOf } from "../evidence-index";
import type { FindingDraft, RankedCause } from "../finding";
import { adviceFor, evidenceOf, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { settledAtMs, waiting } from "../settling";
import { duplicatedIds } from "./duplicate-span-id";

/**
 * O5: several spans without a parent in one trace.
 *
 *   place order    |-----|
 *   ship order               |---|        the same trace id, no parent
 */
export const severalRoots: Check = {
  kind: "several-roots",
  find: (evidence) => {
    const { tree, spans } = evidence;
    const roots = [...tree.roots].flatMap((node) => spans[node] ?? []);
    // Cloned ids bring several roots with them: one thing is said once.
    if (roots.length < 2 || duplicatedIds(spans).length > 0) return { findings: [], lookAgainAtMs: null };
    // A root's end may still say that it has a parent (wire.md P1, Rust).
    const settledMs = settledAtMs(evidence);
    if (evidence.nowMs < settledMs) return waiting(settledMs);
    return { findings: [severalRootsFinding(evidence, roots)], lookAgainAtMs: null };
  },
};

function severalRootsFinding(evidence: TraceEvidence, roots: Span[]): FindingDraft {
  const [first, second] = roots as [Span, Span];
  const process = evidence.processes.get(first.processId) ?? null;
  return {
    kind: "several-roots",
    severity: "warning",
    certainty: "proved",
    subject: "roots",
    service: first.service,
    traceId: evidence.traceId,
    spanIds: roots.slice(0, SPAN_IDS_MAX).map((root) => root.spanId),
    missingSpanId: null,
    processId: first.processId,
    spanName: first.name,
    title: sentence("several-roots.title", { count: roots.length, first: first.name, second: second.name }),
    count: roots.length,
    causes: causesOf(roots),
    evidence: roots
      .slice(0, 5)
      .map((root) => evidenceOf("evidence.root", { span: root.name, at: msOf(root.startTimeUnixNano) }, spanRef(root))),
    advice: adviceFor(evidence, ["A26", "A17"], first, process),
    retractedBy: sentence("retracted-by.roots-get-parents"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

/** One program that begins its traces with a chosen id runs one piece after the other; a cloned generator runs the same piece twice. */
function causesOf(roots: Span[]): RankedCause[] {
  const reused: RankedCause = {
    id: "reused-trace-id",
    certainty: "likely",
    because: sentence("because.reused-trace-id", { count: roots.length }),
  };
  const isSamePiece =
    new Set(roots.map(({ name }) => templateOf(name))).size === 1 && new Set(roots.map(({ processId }) => processId)).size > 1;
  if (!isSamePiece) return [reused];
  const cloned: RankedCause = {
    id: "cloned-id-generator",
    certainty: "possible",
    because: sentence("because.same-piece", { name: roots[0]?.name ?? "" }),
  };
  return [cloned, { ...reused, certainty: "possible" }];
}

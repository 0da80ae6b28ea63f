import type { Span } from "@/lib/otel/span";
import type { Check, TraceEvidence } from "../check";
import { indexOf } from "../evidence-index";
import type { FindingDraft } from "../finding";
import { ownersOf } from "../owners";
import type { ProcessEvidence } from "../process-evidence";
import { adviceFor, evidenceOf, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";

/**
 * W11: a forked child's spans carry its parent's pid, and its logs its own: the SDK keeps a resource from before the fork. Everything is here
 * and the spans are counted to the child (owners.ts), so it is info; other tools show them as the parent's.
 *
 *   process job    |------------------|     @main
 *     worker 1       |--*----*---|          says that it is main's; its logs * say w1, and came the same way
 */
export const staleProcessIdentity: Check = {
  kind: "stale-process-identity",
  find: (evidence) => ({
    findings: [...misnamedOf(evidence).values()].map((misnamed) => staleFinding(evidence, misnamed)),
    lookAgainAtMs: null,
  }),
};

interface Misnamed {
  named: ProcessEvidence;
  /** Who its logs say that it is, and the spans of each. */
  byOwner: Map<ProcessEvidence, Span[]>;
}

/** By the process whose name the spans carry. */
function misnamedOf(evidence: TraceEvidence): Map<ProcessEvidence, Misnamed> {
  const found = new Map<ProcessEvidence, Misnamed>();
  const index = indexOf(evidence);
  // Two identities at least: the one of the spans, and the one of the logs.
  if (evidence.processes.size < 2 || index.logsBySpan.size === 0) return found;
  const owners = ownersOf(evidence);
  for (const node of evidence.tree.order) {
    const span = evidence.spans[node];
    const named = span ? index.processOf(span.processId) : null;
    const owner = owners.ofNode(node);
    // Told apart by nothing but their connection they have one pid: that is a guess, and not said here.
    if (!span || named === null || owner === null || owner === named || owner.pid === named.pid) continue;
    const misnamed: Misnamed = found.get(named) ?? { named, byOwner: new Map() };
    found.set(named, misnamed);
    const spans = misnamed.byOwner.get(owner);
    if (spans) spans.push(span);
    else misnamed.byOwner.set(owner, [span]);
  }
  return found;
}

function staleFinding(evidence: TraceEvidence, { named, byOwner }: Misnamed): FindingDraft {
  const spans = [...byOwner.values()].flat();
  const [first] = spans as [Span];
  const [owner] = [...byOwner.keys()] as [ProcessEvidence];
  const args = {
    span: first.name,
    count: spans.length,
    processes: byOwner.size,
    process: processLabel(owner),
    parent: processLabel(named),
  };
  return {
    kind: "stale-process-identity",
    severity: "info",
    certainty: "likely",
    subject: named.processId,
    service: named.service,
    traceId: evidence.traceId,
    spanIds: spans.slice(0, SPAN_IDS_MAX).map(({ spanId }) => spanId),
    missingSpanId: null,
    processId: owner.processId,
    spanName: first.name,
    title: sentence("stale-process-identity.title", args),
    count: spans.length,
    causes: [{ id: "stale-process-attributes", certainty: "likely", because: sentence("because.stale-process-attributes", args) }],
    evidence: [
      evidenceOf("evidence.span-says-process", { span: first.name, process: processLabel(named) }, spanRef(first)),
      ...[...byOwner]
        .slice(0, 10)
        .map(([process, own]) =>
          evidenceOf("evidence.logs-say-process", { span: own[0]?.name ?? "", process: processLabel(process) }, processRef(process)),
        ),
    ],
    advice: adviceFor(evidence, ["A42", "A5"], first, owner),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: Math.max(...spans.slice(0, SPAN_IDS_MAX).flatMap(({ records }) => records.map(({ receivedMs }) => receivedMs))),
  };
}

import { HAS_IS_REMOTE, IS_REMOTE, type Span } from "@/lib/otel/span";
import { msOf } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import { indexOf, templateOf } from "../evidence-index";
import type { Certainty, FindingDraft } from "../finding";
import { once } from "../once";
import { ownersOf } from "../owners";
import type { ProcessEvidence } from "../process-evidence";
import { adviceFor, evidenceOf, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";

/**
 * P2: a span calls its parent local, and the parent is another process's: the context was copied by fork, nobody handed it over. Right as it
 * stands, so it is info; but where workers are spawned instead (macOS, Windows, Python from 3.14) the same code has traces of its own.
 *
 *   resize all    |------------------|     @main
 *     resize 1      |------|               @w1     local parent, another pid
 *     resize 2      |----------|           @w2
 */
export const inheritedOverFork: Check = {
  kind: "inherited-over-fork",
  find: (evidence) => ({
    findings: [...inheritedOf(evidence)].map(([key, children]) => inheritedFinding(evidence, key, children)),
    lookAgainAtMs: null,
  }),
};

interface Inherited {
  child: Span;
  parent: Span;
  owner: ProcessEvidence;
  parentOwner: ProcessEvidence;
  certainty: Certainty;
}

/** By parent's and child's template: a pool forks for every job anew. */
const inheritedOf = once((evidence): Map<string, Inherited[]> => {
  const { spans, tree } = evidence;
  const found = new Map<string, Inherited[]>();
  for (const node of tree.order) {
    const child = spans[node];
    const parent = spans[tree.parent[node] as number];
    if (!child || !parent || child.processId === parent.processId || !callsItsParentLocal(child)) continue;
    const owners = ownersOf(evidence);
    const [owner, parentOwner] = [owners.ofNode(node), owners.ofNode(tree.parent[node] as number)];
    if (owner === null || parentOwner === null || owner === parentOwner) continue;
    const certainty = forkCertainty(evidence, owner, parentOwner);
    if (certainty === null) continue;
    const key = `${child.service} ${templateOf(parent.name)} > ${templateOf(child.name)}`;
    const known = found.get(key);
    if (known) known.push({ child, parent, owner, parentOwner, certainty });
    else found.set(key, [{ child, parent, owner, parentOwner, certainty }]);
  }
  return found;
});

/** A Logfire pending says "local" of every parent (wire.md §2.1), so it is no witness; nor is an SDK that does not say. */
const callsItsParentLocal = ({ records }: Span): boolean =>
  records.some(({ dialect, flags }) => dialect !== "logfire-pending" && (flags & HAS_IS_REMOTE) !== 0 && (flags & IS_REMOTE) === 0);

/**
 * Two pids on one host cannot share memory in another way. Without pids: instance ids that an SDK renews in a forked child (OTel-Python from
 * 1.44, wire.md §2.5). Two identities of one pid are two providers in one program.
 */
function forkCertainty(evidence: TraceEvidence, owner: ProcessEvidence, parentOwner: ProcessEvidence): Certainty | null {
  if (owner.host !== parentOwner.host) return null;
  if (owner.pid !== null && parentOwner.pid !== null) {
    if (owner.pid === parentOwner.pid) return null;
    return owner.host === null ? "likely" : "proved";
  }
  const isRenewed =
    owner.pid === parentOwner.pid && owner.serviceInstanceId !== null && owner.serviceInstanceId !== parentOwner.serviceInstanceId;
  return isRenewed && owner.service === parentOwner.service && indexOf(evidence).sdkOf(owner).mayFork ? "likely" : null;
}

function inheritedFinding(evidence: TraceEvidence, subject: string, inherited: Inherited[]): FindingDraft {
  const [{ child, parent, owner, parentOwner }] = inherited as [Inherited];
  const certainty = inherited.every((one) => one.certainty === "proved") ? "proved" : "likely";
  const processes = new Set(inherited.map((one) => one.owner.processId)).size;
  const args = { span: child.name, parent: parent.name, count: inherited.length, processes };
  return {
    kind: "inherited-over-fork",
    severity: "info",
    certainty,
    subject,
    service: child.service,
    traceId: evidence.traceId,
    spanIds: inherited.slice(0, SPAN_IDS_MAX).map((one) => one.child.spanId),
    missingSpanId: null,
    processId: owner.processId,
    spanName: child.name,
    title: sentence("inherited-over-fork.title", args),
    count: inherited.length,
    causes: [{ id: "context-inherited", certainty, because: sentence("because.context-inherited", args) }],
    evidence: [
      evidenceOf(
        "evidence.names-local",
        { span: child.name, at: msOf(child.startTimeUnixNano), process: processLabel(owner), parent: parent.name },
        spanRef(child),
      ),
      evidenceOf("evidence.ran-in", { span: parent.name, process: processLabel(parentOwner) }, processRef(parentOwner)),
    ],
    advice: adviceFor(evidence, ["A17"], child, owner),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: Math.max(...inherited.slice(0, SPAN_IDS_MAX).flatMap((one) => one.child.records.map(({ receivedMs }) => receivedMs))),
  };
}

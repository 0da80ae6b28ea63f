import type { Span } from "@/lib/otel/span";
import { msOf } from "@/lib/otel/time";
import type { Check, ConcurrentRoot, TraceEvidence } from "../check";
import { workerRootOf } from "../concurrent-roots";
import { templateOf } from "../evidence-index";
import type { FindingDraft } from "../finding";
import { processOfSpan } from "../late-children";
import { adviceFor, evidenceOf, processLabel, processRef, sentence, spanRef } from "../sentences";
import { settledAtMs, waiting } from "../settling";

/**
 * P8: a worker that was given no context began a trace of its own, within the span that started it.
 *
 *   build index    |-----------------|     @main   trace 1
 *   index part 0     |------|              @w0     trace 2
 *   index part 1      |---------|          @w1     trace 3
 */
export const disconnectedWorker: Check = {
  kind: "disconnected-worker",
  find: (evidence) => {
    const root = workerRootOf(evidence);
    if (root === null) return { findings: [], lookAgainAtMs: null };
    const siblings = siblingsOf(evidence, root);
    if (siblings.length === 0) return { findings: [], lookAgainAtMs: null };
    const settledMs = settledAtMs(evidence);
    if (evidence.nowMs < settledMs) return waiting(settledMs);
    const spawner = spawnerOf(evidence, root, siblings);
    if (spawner === null) return { findings: [], lookAgainAtMs: spawnerMayStillCome(evidence) };
    return { findings: [disconnectedFinding(evidence, root, spawner, siblings)], lookAgainAtMs: null };
  },
};

/** Roots of the same template, each over a connection of its own, begun about the same time: one alone may be a trace on purpose. */
function siblingsOf({ concurrentRoots }: TraceEvidence, root: Span): ConcurrentRoot[] {
  const template = templateOf(root.name);
  const own = root.records[0]?.connectionId;
  const seen = new Set([own]);
  return concurrentRoots.filter((other) => {
    const isSibling = templateOf(other.name) === template && other.kind === root.kind && !seen.has(other.connectionId) && !other.hasLinks;
    if (isSibling) seen.add(other.connectionId);
    return isSibling && Math.abs(msOf(other.startTimeUnixNano) - msOf(root.startTimeUnixNano)) <= FLEET_MS;
  });
}

/** Workers of one fleet begin within a minute. */
const FLEET_MS = 60_000;
/** What runs for longer is a service, not something that starts workers and waits for them. */
const SPAWNER_MAX_MS = 3_600_000;

/** The one root of another name that lies around the worker and all of its siblings, in another process or on another connection. */
function spawnerOf({ concurrentRoots }: TraceEvidence, root: Span, siblings: readonly ConcurrentRoot[]): ConcurrentRoot | null {
  const template = templateOf(root.name);
  const connections = new Set([root.records[0]?.connectionId, ...siblings.map(({ connectionId }) => connectionId)]);
  const around = concurrentRoots.filter(
    (other) =>
      templateOf(other.name) !== template &&
      !connections.has(other.connectionId) &&
      other.endTimeUnixNano !== null &&
      msOf(other.endTimeUnixNano) - msOf(other.startTimeUnixNano) <= SPAWNER_MAX_MS &&
      [root, ...siblings].every((worker) => lies(worker, other)),
  );
  const [spawner] = around;
  if (!spawner || around.length > 1 || hasLikeOutside(concurrentRoots, template, spawner)) return null;
  return runBesideEachOther(root, siblings) || wasWaitedFor([root, ...siblings], spawner) ? spawner : null;
}

/** What is also done at other times is done by the clock, and falls within a long span by chance. */
const hasLikeOutside = (roots: readonly ConcurrentRoot[], template: string, spawner: ConcurrentRoot): boolean =>
  roots.some((other) => templateOf(other.name) === template && !lies(other, spawner));

/** Jobs that a clock starts come one after the other; workers of a fleet work at the same time. */
const runBesideEachOther = (root: Span, siblings: readonly ConcurrentRoot[]): boolean =>
  siblings.some(
    ({ startTimeUnixNano, endTimeUnixNano }) =>
      startTimeUnixNano < (root.endTimeUnixNano ?? 0n) && (endTimeUnixNano ?? 0n) > root.startTimeUnixNano,
  );

/** Or their spawner ends soon after the last of them, for it waited: within the time that a process needs to leave and to be joined. */
const WAITED_MS = 2_000;

function wasWaitedFor(workers: readonly Pick<Span, "endTimeUnixNano">[], { endTimeUnixNano }: ConcurrentRoot): boolean {
  const lastMs = Math.max(...workers.map((worker) => msOf(worker.endTimeUnixNano ?? 0n)));
  return endTimeUnixNano !== null && msOf(endTimeUnixNano) - lastMs <= WAITED_MS;
}

/** Workers and spawner share a host, and yet not always a clock to the µs. */
const GRAIN_NS = 50_000_000n;

const lies = (worker: Pick<Span, "startTimeUnixNano" | "endTimeUnixNano">, within: ConcurrentRoot): boolean =>
  worker.endTimeUnixNano !== null &&
  within.endTimeUnixNano !== null &&
  within.startTimeUnixNano <= worker.startTimeUnixNano &&
  worker.endTimeUnixNano <= within.endTimeUnixNano + GRAIN_NS;

const WITHIN_MS = 600_000;
const AGAIN_MS = 15_000;

/** An SDK that reports only ends brings the spawner last: looked for again, ever more seldom. */
function spawnerMayStillCome({ nowMs, lastReceivedMs }: TraceEvidence): number | null {
  const quietMs = nowMs - lastReceivedMs;
  return quietMs < WITHIN_MS ? nowMs + Math.max(AGAIN_MS, quietMs) : null;
}

function disconnectedFinding(
  evidence: TraceEvidence,
  root: Span,
  spawner: ConcurrentRoot,
  siblings: readonly ConcurrentRoot[],
): FindingDraft {
  const owner = processOfSpan(evidence, root);
  const args = { span: root.name, owner: spawner.name, count: siblings.length + 1, process: processLabel(owner) };
  return {
    kind: "disconnected-worker",
    severity: "warning",
    certainty: "likely",
    subject: root.spanId,
    service: root.service,
    traceId: evidence.traceId,
    spanIds: [root.spanId, spawner.spanId],
    missingSpanId: null,
    proposedParents: [{ spanId: root.spanId, traceId: spawner.traceId, parentSpanId: spawner.spanId }],
    processId: root.processId,
    spanName: root.name,
    title: sentence("disconnected-worker.title", args),
    count: 1,
    causes: [{ id: "context-not-propagated", certainty: "likely", because: sentence("because.context-not-propagated", args) }],
    evidence: [
      evidenceOf("evidence.lies-within", { ...args, at: msOf(spawner.startTimeUnixNano) }, { type: "trace", id: spawner.traceId }),
      evidenceOf("evidence.began-at", { span: root.name, at: msOf(root.startTimeUnixNano) }, spanRef(root)),
      ...(owner
        ? [evidenceOf("evidence.first-heard", { process: processLabel(owner), at: evidence.firstReceivedMs }, processRef(owner))]
        : []),
    ],
    advice: adviceFor(evidence, ["A17", "A21"], root, owner),
    retractedBy: sentence("retracted-by.root-gets-parent"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

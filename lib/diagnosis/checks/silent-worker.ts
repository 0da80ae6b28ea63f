import { causesOfDeath } from "../cause-of-death";
import type { Check, TraceEvidence, WorkerHabit } from "../check";
import { indexOf } from "../evidence-index";
import type { FindingDraft, RankedCause } from "../finding";
import { openSpansOf } from "../open-spans";
import { ownersOf } from "../owners";
import { adviceFor, evidenceOf, processLabel, processRef, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { settledAtMs, waiting } from "../settling";
import { type Worker, type WorkerGroup, workerGroupsOf } from "../worker-groups";
import { steadyRow, usualRowWith, workerHabitKey, workerPlaceOf } from "../worker-habit";
import { type WorkerIndex, workerIndexOf } from "../worker-index";

/**
 * W2: workers of one parent, each in a process of its own, are numbered, and numbers are missing: of those processes nothing came.
 *
 *   fetch all    |----------------|     @main
 *     fetch 1      |----|               @w1
 *     fetch 2      |------|             @w2
 *     fetch 3      |-----|              @w3
 *     fetch 5      |--------|           @w5      0 and 4 sent nothing
 */
export const silentWorker: Check = {
  kind: "silent-worker",
  find: (evidence) => {
    const gaps = workerGroupsOf(evidence).flatMap((group) => {
      const index = workerIndexOf(group, (missing) => missing.length > 0 || hasLost(evidence, group));
      if (index === null) return [];
      const missing = [...new Set([...index.missing, ...lackingOfRow(evidence, group, index)])].sort((a, b) => a - b);
      return missing.length > halfHeard(evidence, group) ? [{ group, index: { ...index, missing } }] : [];
    });
    if (gaps.length === 0) return { findings: [], lookAgainAtMs: null };
    const readyMs = settledAtMs(evidence);
    if (evidence.nowMs < readyMs) return waiting(readyMs);
    return {
      findings: gaps.filter(({ group }) => isOver(evidence, group)).map(({ group, index }) => silentFinding(evidence, group, index)),
      lookAgainAtMs: null,
    };
  },
};

/** What the latest runs all had and this one, with a part of their row, does not: the end of the row cannot be told by its gaps. */
function lackingOfRow(evidence: TraceEvidence, group: WorkerGroup, { present }: WorkerIndex): number[] {
  const row = steadyRow(habitOf(evidence, group));
  return row !== null && present.every((number) => row.includes(number)) ? row.filter((number) => !present.includes(number)) : [];
}

function habitOf(evidence: TraceEvidence, group: WorkerGroup): WorkerHabit | undefined {
  const { service, parent, template } = workerPlaceOf(evidence, group);
  return evidence.workerHabits.get(workerHabitKey(service, parent, template));
}

/** Workers of which something came, but not the span that carries their number: what hangs below it names a parent that is missing. */
function halfHeard({ spans, tree }: TraceEvidence, { workers }: WorkerGroup): number {
  const heard = new Set(workers.map(({ process }) => process.processId));
  const others = new Set<string>();
  for (let node = tree.spanCount; node < tree.parent.length; node++) {
    const child = spans[tree.childList[tree.childStart[node] as number] as number];
    if (child && !heard.has(child.processId)) others.add(child.processId);
  }
  return others.size;
}

/** While the parent runs, workers may still be started. */
const isOver = ({ spans }: TraceEvidence, { parentNode }: WorkerGroup): boolean => spans[parentNode]?.endTimeUnixNano != null;

/** A worker of the group lost something too: then numbering from 1 is no habit but a loss. */
function hasLost(evidence: TraceEvidence, { workers }: WorkerGroup): boolean {
  const lost = new Set(openSpansOf(evidence).flatMap(({ state, owner }) => (state === "abandoned" && owner ? [owner] : [])));
  return workers.some(({ process }) => lost.has(process));
}

function silentFinding(evidence: TraceEvidence, group: WorkerGroup, { shape, present, missing }: WorkerIndex): FindingDraft {
  const parent = evidence.spans[group.parentNode];
  const [first] = group.workers as [Worker];
  const top = first.tops[0];
  const owner = ownersOf(evidence).ofNode(group.parentNode);
  const args = { missing: listOf(missing), present: listOf(present), count: missing.length, shape };
  const causes = causesOf(evidence, group);
  const usual = usualRowWith(habitOf(evidence, group), missing);
  // A program that is given fewer workers lacks the last of them.
  const isTail = missing.every((index) => index > (present.at(-1) ?? 0));
  return {
    kind: "silent-worker",
    severity: "error",
    certainty: usual !== null && !isTail ? "likely" : "possible",
    subject: `${parent?.spanId ?? group.parentNode} ${group.template}`,
    service: first.process.service,
    traceId: evidence.traceId,
    spanIds: group.workers.flatMap(({ tops }) => tops.slice(0, 1).map(({ spanId }) => spanId)).slice(0, SPAN_IDS_MAX),
    missingSpanId: null,
    processId: owner?.processId ?? null,
    spanName: group.template,
    title: sentence("silent-worker.title", args),
    count: missing.length,
    causes,
    evidence: [
      evidenceOf("evidence.workers-present", args, top ? spanRef(top) : null),
      ...(usual === null ? [] : [evidenceOf("evidence.usual-workers", { runs: usual.runs, all: usual.all, usual: usual.numbers })]),
      ...group.workers
        .slice(0, 5)
        .map(({ process }) => evidenceOf("evidence.worker-is", { process: processLabel(process) }, processRef(process))),
    ],
    advice: adviceFor(
      evidence,
      causes[0]?.id === "exited-without-flush" ? ["A2", "A5", "A16"] : ["A3", "A2", "A16"],
      top ?? null,
      first.process,
    ),
    retractedBy: sentence("retracted-by.worker-reports"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

/** What became of the others tells best what became of these. */
function causesOf(evidence: TraceEvidence, { workers }: WorkerGroup): RankedCause[] {
  const index = indexOf(evidence);
  const open = openSpansOf(evidence).find(({ state, owner }) => state === "abandoned" && workers.some(({ process }) => process === owner));
  if (open?.owner && open.abandoned?.by === "process") return causesOfDeath(evidence, open.owner, open.abandoned.atMs, open);
  const [first] = workers as [Worker];
  const sdk = index.sdkOf(first.process);
  const isForked = sdk.mayFork && !sdk.flushesAtForkExit && isBelowAnother(first);
  const exited: RankedCause = {
    id: "exited-without-flush",
    certainty: isForked ? "likely" : "possible",
    because: sentence("because.silent-exit"),
  };
  const died: RankedCause = { id: "process-died", certainty: "possible", because: sentence("because.silent-death") };
  const unconfigured: RankedCause = { id: "sdk-not-configured", certainty: "possible", because: sentence("because.silent-unconfigured") };
  // An SDK that reports only ends, and late: the whole of a short worker waits in its queue, so a forgotten flush costs all of it.
  return isForked || isShorterThanBatch(evidence, workers) ? [exited, died, unconfigured] : [died, exited, unconfigured];
}

function isShorterThanBatch(evidence: TraceEvidence, workers: readonly Worker[]): boolean {
  return workers.every(({ process, firstMs, lastMs }) => {
    const { sendsStarts, batchDelayMs } = indexOf(evidence).sdkOf(process);
    return !sendsStarts && lastMs - firstMs < batchDelayMs;
  });
}

/** Forked: its parent is local and yet in another process (wire.md P2). */
const isBelowAnother = ({ tops }: Worker): boolean =>
  tops.some(({ records }) => records.some(({ dialect, flags }) => dialect !== "logfire-pending" && (flags & 0x300) === 0x100));

const listOf = (numbers: readonly number[]): string => (numbers.length <= 20 ? numbers.join(", ") : `${numbers.slice(0, 20).join(", ")} …`);

import type { Db } from "@/db/client";
import {
  closeFindings,
  type FindingWrite,
  listStandingFindings,
  type StandingFinding,
  upsertFindings,
} from "@/db/queries/scheduler/findings";
import { addRemoteParentHabits } from "@/db/queries/scheduler/habits";
import { replaceOpenSpans, updateTraceSummaries } from "@/db/queries/scheduler/trace-states";
import { inTransaction, type Transaction } from "@/db/queries/scheduler/transaction";
import { settleWatches, type Watch } from "@/db/queries/scheduler/watches";
import type { TraceEvidence } from "@/lib/diagnosis/check";
import { closingOf, type Standing } from "@/lib/diagnosis/closing";
import { diagnosing, isSettled } from "@/lib/diagnosis/diagnose";
import type { FindingDraft, Kind } from "@/lib/diagnosis/finding";
import { remoteParentHabits } from "@/lib/diagnosis/remote-parent-habit";
import type { DiagnosisSettings } from "@/lib/diagnosis/settings";
import type { TraceId } from "@/lib/otel/ids";
import { inTurns } from "@/lib/traces/in-turns";
import { findingRow } from "./finding-rows";
import type { Learned } from "./learned";
import type { Lease } from "./lease";
import { loadEvidence } from "./load-evidence";
import { notifyBrowsers } from "./notify-browsers";
import { openSpanRows, summaryRow } from "./trace-rows";

export interface LookParts {
  db: Db;
  lease: Lease;
  settings: DiagnosisSettings;
  learned: Learned;
  clock: () => number;
}

interface Look {
  watch: Watch;
  evidence: TraceEvidence;
  findings: FindingDraft[];
  isSettled: boolean;
  lookAgainAtMs: number | null;
  waiting: ReadonlySet<Kind>;
}

/**
 * Looks at traces of one project: reads all that is known of them, runs the checks, and writes what changed in one transaction, with the
 * moment of their next look. Killed at any point, it has done all of it or nothing.
 *
 * @param notBeforeMs when each may be looked at again at the earliest.
 * @throws LeaseLost when another scheduler has taken over.
 */
export async function lookAt(parts: LookParts, watches: readonly Watch[], notBeforeMs: (traceId: TraceId) => number): Promise<void> {
  const [first] = watches;
  if (!first) return;
  const evidence = await loadEvidence(
    parts.db,
    first.projectId,
    watches.map(({ traceId }) => traceId),
    parts.settings,
    parts.clock,
  );
  const byTrace = new Map(evidence.map((one) => [one.traceId, one]));
  const looks: Look[] = [];
  for (const watch of watches) {
    const known = byTrace.get(watch.traceId);
    if (known) looks.push(await lookAtOne(watch, known));
  }
  const forgotten = watches.filter(({ traceId }) => !byTrace.has(traceId));
  const settledFirst = await inTransaction(parts.db, (tx) => writeLooks(parts, tx, first.projectId, looks, forgotten, notBeforeMs));
  for (const { evidence: settled, findings } of settledFirst) parts.learned.note(first.projectId, settled, findings);
}

async function lookAtOne(watch: Watch, evidence: TraceEvidence): Promise<Look> {
  const diagnosis = await inTurns(diagnosing(evidence));
  return { watch, evidence, ...diagnosis, isSettled: isSettled(evidence, diagnosis) };
}

/** @returns the looks at traces that are settled for the first time: what is usual is learned from them, once. */
async function writeLooks(
  { lease, clock }: LookParts,
  tx: Transaction,
  projectId: number,
  looks: readonly Look[],
  forgotten: readonly Watch[],
  notBeforeMs: (traceId: TraceId) => number,
): Promise<Look[]> {
  await lease.prove(tx);
  const nowMs = clock();
  const traceIds = looks.map(({ watch }) => watch.traceId);
  const written = looks.map(({ findings }) => findings.map((finding) => findingRow(finding, projectId)));
  const rows = written.flat();
  const standing = await listStandingFindings(tx, traceIds);
  const changed = await upsertFindings(tx, rows, nowMs);
  const muted = mutedOf(standing, changed);
  const staying = stayingOf(looks, standing, rows);
  const closed = closings(looks, standing, rows, staying);
  await closeFindings(tx, closed, nowMs);
  await replaceOpenSpans(
    tx,
    traceIds,
    looks.flatMap(({ evidence }) => openSpanRows(evidence, projectId)),
  );
  await settleWatches(tx, [
    ...looks.map((look) => ({ ...look.watch, nextDueMs: nextDueMs(look, notBeforeMs(look.watch.traceId)) })),
    ...forgotten.map((watch) => ({ ...watch, nextDueMs: null })),
  ]);
  const settledBefore = await updateTraceSummaries(
    tx,
    looks.map(({ evidence, findings, isSettled: settled }, at) =>
      summaryRow(
        evidence,
        [...findings, ...(staying.get(evidence.traceId) ?? [])],
        (finding, which) => ("state" in finding ? finding.state === "muted" : muted.has(written[at]?.[which]?.id ?? "")),
        settled,
      ),
    ),
  );
  const settledFirst = looks.filter(({ watch, isSettled: settled }) => settled && !settledBefore.has(watch.traceId));
  await addRemoteParentHabits(tx, habitsOf(projectId, settledFirst), nowMs);
  if (changed.size + closed.length > 0) await notifyBrowsers(tx, projectId, tracesOf([...changed.keys()], closed, rows, standing));
  return settledFirst;
}

/** The findings that are muted after what changed. */
function mutedOf(standing: readonly StandingFinding[], changed: ReadonlyMap<string, string>): Set<string> {
  const muted = new Set<string>();
  for (const { id, state } of standing) if ((changed.get(id) ?? state) === "muted") muted.add(id);
  for (const [id, state] of changed) if (state === "muted") muted.add(id);
  return muted;
}

/** When time alone could change what was found; until it is settled, the settling time too. */
function nextDueMs({ evidence, lookAgainAtMs, isSettled: settled }: Look, notBeforeMs: number): number | null {
  const { nowMs, lastReceivedMs, settings } = evidence;
  const settlesAtMs = lastReceivedMs + settings.settleMs;
  const moments = [lookAgainAtMs, settled || settlesAtMs <= nowMs ? null : settlesAtMs].filter((moment) => moment !== null);
  return moments.length === 0 ? null : Math.max(Math.min(...moments), notBeforeMs, nowMs + 1);
}

/** By trace: findings of checks that wait for it to be quiet again, and so neither say them now nor take them back. */
function stayingOf(looks: readonly Look[], standing: readonly StandingFinding[], rows: readonly FindingWrite[]) {
  const seen = new Set(rows.map(({ id }) => id));
  const waiting = new Map(looks.map((look) => [look.watch.traceId, look.waiting]));
  const staying = new Map<TraceId, StandingFinding[]>();
  for (const finding of standing) {
    if (seen.has(finding.id) || !waiting.get(finding.traceId)?.has(finding.kind as Kind)) continue;
    const known = staying.get(finding.traceId);
    if (known) known.push(finding);
    else staying.set(finding.traceId, [finding]);
  }
  return staying;
}

function closings(
  looks: readonly Look[],
  standing: readonly StandingFinding[],
  rows: readonly FindingWrite[],
  staying: ReadonlyMap<TraceId, StandingFinding[]>,
) {
  const seen = new Set([...rows, ...[...staying.values()].flat()].map(({ id }) => id));
  const byTrace = new Map(looks.map((look) => [look.watch.traceId, look]));
  return standing.flatMap((finding) => {
    const look = byTrace.get(finding.traceId);
    if (seen.has(finding.id) || !look) return [];
    const { state, because } = closingOf({ ...finding, kind: finding.kind as Kind } satisfies Standing, look.evidence, look.findings);
    return [{ id: finding.id, state, because: JSON.stringify(because) }];
  });
}

function habitsOf(projectId: number, settled: readonly Look[]) {
  const sums = new Map<
    string,
    { projectId: number; service: string; remoteParents: number; neverReceived: number; distinctMissing: number }
  >();
  for (const { evidence } of settled) {
    for (const [service, habit] of remoteParentHabits(evidence)) {
      const sum = sums.get(service) ?? { projectId, service, remoteParents: 0, neverReceived: 0, distinctMissing: 0 };
      sum.remoteParents += habit.remoteParents;
      sum.neverReceived += habit.neverReceived;
      sum.distinctMissing += habit.distinctMissing;
      sums.set(service, sum);
    }
  }
  return [...sums.values()];
}

function tracesOf(
  changed: readonly string[],
  closed: readonly { id: string }[],
  rows: readonly FindingWrite[],
  standing: readonly StandingFinding[],
) {
  const ids = new Set([...changed, ...closed.map(({ id }) => id)]);
  const traces = new Set<TraceId>();
  for (const { id, traceId } of [...rows, ...standing]) if (ids.has(id) && traceId !== null) traces.add(traceId);
  return [...traces];
}

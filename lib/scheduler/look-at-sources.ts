import type { Db } from "@/db/client";
import { closeFindings, upsertFindings } from "@/db/queries/scheduler/findings";
import { listStandingSourceFindings, type SourceWatch, settleSourceWatch } from "@/db/queries/scheduler/sources";
import { inTransaction } from "@/db/queries/scheduler/transaction";
import { diagnoseSources, sourceClosingOf } from "@/lib/diagnosis/diagnose-sources";
import type { DiagnosisSettings } from "@/lib/diagnosis/settings";
import { SOURCE_CHECKS } from "@/lib/diagnosis/source-checks";
import { findingRow } from "./finding-rows";
import type { Lease } from "./lease";
import { loadSources } from "./load-sources";
import { notifyBrowsers } from "./notify-browsers";

/** Signs of senders come all the time: one look serves those of some seconds. */
export const SOURCES_AGAIN_MS = 5_000;

const KINDS = SOURCE_CHECKS.map(({ kind }) => kind);

/**
 * Looks at a project's senders: reads what is known of the last minutes, runs the source checks, and writes what changed in one transaction
 * with the moment of the next look. Killed at any point, it has done all of it or nothing.
 * @throws LeaseLost when another scheduler has taken over.
 */
export async function lookAtSources(
  { db, lease, settings, clock }: { db: Db; lease: Lease; settings: DiagnosisSettings; clock: () => number },
  watch: SourceWatch,
): Promise<void> {
  const evidence = await loadSources(db, watch.projectId, settings, clock);
  const { findings, lookAgainAtMs } = diagnoseSources(evidence);
  const rows = findings.map((finding) => findingRow(finding, watch.projectId));
  const seen = new Set(rows.map(({ id }) => id));
  await inTransaction(db, async (tx) => {
    await lease.prove(tx);
    const nowMs = clock();
    const standing = await listStandingSourceFindings(tx, watch.projectId, KINDS);
    const changed = await upsertFindings(tx, rows, nowMs);
    const closed = standing.flatMap((finding) => {
      const closing = seen.has(finding.id) ? null : sourceClosingOf(finding, evidence);
      return closing === null ? [] : [{ id: finding.id, state: closing.state, because: JSON.stringify(closing.because) }];
    });
    await closeFindings(tx, closed, nowMs);
    const nextMs = lookAgainAtMs === null ? null : Math.round(Math.max(lookAgainAtMs, nowMs + 1));
    await settleSourceWatch(tx, watch, nextMs, nowMs + SOURCES_AGAIN_MS);
    if (changed.size + closed.length > 0) await notifyBrowsers(tx, watch.projectId, []);
  });
}

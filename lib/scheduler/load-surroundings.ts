import type { Db } from "@/db/client";
import { findSameLowIds, hasLinks } from "@/db/queries/scheduler/surroundings";
import { listWorkerHabits } from "@/db/queries/scheduler/worker-habits";
import type { SameLowIds, TraceEvidence } from "@/lib/diagnosis/check";
import { asksForConcurrentRoots, workerRootOf } from "@/lib/diagnosis/concurrent-roots";
import { workerHabitKey, workerRunsOf } from "@/lib/diagnosis/worker-habit";
import type { ConcurrentRoots } from "./load-concurrent-roots";
import { loadParentsElsewhere } from "./load-parents-elsewhere";

const NO_HIGH_BITS = "0".repeat(16);
/** The halves of one request are heard of within minutes of each other. */
const HALVES_MS = 600_000;
const MISSING_MAX = 100;

/** Adds what lies around the trace, as far as one of the checks asks for it: most traces are looked at alone. */
export async function withSurroundings(db: Db, projectId: number, evidence: TraceEvidence, roots: ConcurrentRoots): Promise<TraceEvidence> {
  const [concurrentRoots, sameLowIds, workerHabits] = await Promise.all([
    rootsBeside(db, projectId, evidence, roots),
    loadSameLowIds(db, projectId, evidence),
    loadWorkerHabits(db, projectId, evidence),
  ]);
  // A parent in the other half of a cut trace id is found already.
  const parentsElsewhere = sameLowIds === null ? await loadParentsElsewhere(db, projectId, evidence) : evidence.parentsElsewhere;
  if (concurrentRoots.length + parentsElsewhere.size + workerHabits.size === 0 && sameLowIds === null) return evidence;
  return { ...evidence, concurrentRoots, sameLowIds, parentsElsewhere, workerHabits };
}

async function rootsBeside(
  db: Db,
  projectId: number,
  evidence: TraceEvidence,
  roots: ConcurrentRoots,
): Promise<TraceEvidence["concurrentRoots"]> {
  if (!asksForConcurrentRoots(evidence)) return [];
  const root = workerRootOf(evidence);
  // Links say where its work came from: it is a root on purpose.
  if (root !== null && (await hasLinks(db, projectId, evidence.traceId, root.spanId))) return [];
  return roots.beside(evidence);
}

/** The earlier runs of this trace's numbered workers. */
async function loadWorkerHabits(db: Db, projectId: number, evidence: TraceEvidence): Promise<TraceEvidence["workerHabits"]> {
  const runs = workerRunsOf(evidence);
  if (runs.length === 0) return new Map();
  const places = runs.map(({ service, parent, template }) => ({ projectId, service, parent, template }));
  const rows = await listWorkerHabits(db, places);
  return new Map(rows.map((row) => [workerHabitKey(row.service, row.parent, row.template), { runs: row.runs }]));
}

async function loadSameLowIds(db: Db, projectId: number, evidence: TraceEvidence): Promise<SameLowIds | null> {
  const { traceId, tree } = evidence;
  if (!traceId.startsWith(NO_HIGH_BITS) || tree.missing.length === 0) return null;
  const spanIds = tree.missing.slice(0, MISSING_MAX);
  const window = { fromMs: evidence.firstReceivedMs - HALVES_MS, toMs: evidence.lastReceivedMs + HALVES_MS };
  return findSameLowIds(db, { projectId, traceId, spanIds, ...window });
}

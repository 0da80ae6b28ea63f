import type { Db } from "@/db/client";
import { type BaselineRow, lockBaselines, writeBaselines } from "@/db/queries/scheduler/baselines";
import { inTransaction, type Transaction } from "@/db/queries/scheduler/transaction";
import { lockWorkerHabits, type WorkerPlace, writeWorkerHabits } from "@/db/queries/scheduler/worker-habits";
import { withDurations } from "@/lib/diagnosis/baseline";
import type { TraceEvidence } from "@/lib/diagnosis/check";
import { indexOf } from "@/lib/diagnosis/evidence-index";
import type { FindingDraft, Kind } from "@/lib/diagnosis/finding";
import { NO_LOG_HABIT, withLogCounts } from "@/lib/diagnosis/log-habit";
import { withRun, workerRunsOf } from "@/lib/diagnosis/worker-habit";
import type { SpanId } from "@/lib/otel/ids";
import { msBetween } from "@/lib/otel/time";
import type { Lease } from "./lease";

const FLUSH_EVERY_MS = 5_000;
/** Names that hold ids are without end; more of them than this between two flushes are not learned. */
const NAMES_MAX = 2_000;
const NAME_CHARS_MAX = 256;
/** A span name that comes so often teaches nothing new. */
const DURATIONS_MAX = 1_000;

interface Like {
  projectId: number;
  service: string;
  name: string;
  durationsMs: number[];
  /** Of each: how many logs it had; null where having none was told as a loss. */
  logCounts: (number | null)[];
}

/**
 * What is usual: durations and logs of closed spans by service and name, and numbers of workers, gathered in memory and written every few
 * seconds. What a crash takes away is statistics, never a finding.
 */
export class Learned {
  #seen = new Map<string, Like>();
  #workers = new Map<string, WorkerPlace & { runs: string[] }>();
  #flushedMs = 0;

  /** Call once for a trace, when it is settled, with what was found in it. */
  note(projectId: number, evidence: TraceEvidence, findings: readonly FindingDraft[]): void {
    const { logsBySpan } = indexOf(evidence);
    const told = toldAsLogless(findings);
    for (const { spanId, service, name, startTimeUnixNano: start, endTimeUnixNano: end } of evidence.spans) {
      if (end === null || end < start || name === "" || name.length > NAME_CHARS_MAX) continue;
      const key = keyOf({ projectId, service, name });
      let like = this.#seen.get(key);
      if (!like) {
        if (this.#seen.size >= NAMES_MAX) continue;
        like = { projectId, service, name, durationsMs: [], logCounts: [] };
        this.#seen.set(key, like);
      }
      if (like.durationsMs.length >= DURATIONS_MAX) continue;
      like.durationsMs.push(msBetween(start, end));
      like.logCounts.push(told.has(spanId) ? null : (logsBySpan.get(spanId)?.length ?? 0));
    }
    for (const { numbers, ...place } of workerRunsOf(evidence)) this.#noteRun({ projectId, ...place }, numbers);
  }

  #noteRun(place: WorkerPlace, numbers: string): void {
    if (place.parent.length > NAME_CHARS_MAX || place.template.length > NAME_CHARS_MAX) return;
    const key = placeKeyOf(place);
    const known = this.#workers.get(key);
    if (!known && this.#workers.size >= NAMES_MAX) return;
    this.#workers.set(key, { ...place, runs: withRun(known?.runs ?? [], numbers) });
  }

  /** Writes what was gathered, at most every few seconds. */
  async flush(db: Db, lease: Lease, nowMs: number, now = false): Promise<void> {
    if (this.#seen.size + this.#workers.size === 0 || (!now && nowMs - this.#flushedMs < FLUSH_EVERY_MS)) return;
    this.#flushedMs = nowMs;
    const [seen, workers] = [[...this.#seen.values()], [...this.#workers.values()]];
    this.#seen = new Map();
    this.#workers = new Map();
    await inTransaction(db, async (tx) => {
      await lease.prove(tx);
      const stored = new Map((await lockBaselines(tx, seen)).map((row) => [keyOf(row), row]));
      await writeBaselines(
        tx,
        seen.map((like) => mergedRow(like, stored.get(keyOf(like)) ?? null)),
        nowMs,
      );
      if (workers.length > 0) await writeRuns(tx, workers, nowMs);
    });
  }
}

const keyOf = ({ projectId, service, name }: Pick<Like, "projectId" | "service" | "name">) => JSON.stringify([projectId, service, name]);
const placeKeyOf = ({ projectId, service, parent, template }: WorkerPlace) => JSON.stringify([projectId, service, parent, template]);

const LOGLESS_KINDS: ReadonlySet<Kind> = new Set(["span-without-logs", "worker-without-logs"]);

const toldAsLogless = (findings: readonly FindingDraft[]): Set<SpanId> =>
  new Set(findings.flatMap(({ kind, spanIds }) => (LOGLESS_KINDS.has(kind) ? spanIds : [])));

function mergedRow({ durationsMs, logCounts, ...like }: Like, before: BaselineRow | null): BaselineRow {
  const known =
    before === null
      ? null
      : { count: before.count, buckets: new Map(Object.entries(before.buckets).map(([bucket, count]) => [Number(bucket), count])) };
  const { count, buckets } = withDurations(known, durationsMs);
  const habit =
    before === null
      ? NO_LOG_HABIT
      : { spans: before.logSpans, withLogs: before.withLogs, logs: before.logCount, withoutInARow: before.withoutInARow };
  const { spans, withLogs, logs, withoutInARow } = withLogCounts(habit, logCounts);
  return { ...like, count, buckets: Object.fromEntries(buckets), logSpans: spans, withLogs, logCount: logs, withoutInARow };
}

async function writeRuns(tx: Transaction, workers: readonly (WorkerPlace & { runs: string[] })[], nowMs: number): Promise<void> {
  const stored = new Map((await lockWorkerHabits(tx, workers)).map((row) => [placeKeyOf(row), row.runs]));
  const rows = workers.map((worker) => ({
    ...worker,
    runs: worker.runs.reduceRight<string[]>(withRun, stored.get(placeKeyOf(worker)) ?? []),
  }));
  await writeWorkerHabits(tx, rows, nowMs);
}

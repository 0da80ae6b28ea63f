import type { Db } from "@/db/client";
import { lockBaselines, writeBaselines } from "@/db/queries/scheduler/baselines";
import { inTransaction } from "@/db/queries/scheduler/transaction";
import { type Baseline, withDurations } from "@/lib/diagnosis/baseline";
import type { TraceEvidence } from "@/lib/diagnosis/check";
import { msBetween } from "@/lib/otel/time";
import type { Lease } from "./lease";

const FLUSH_EVERY_MS = 5_000;
/** Names that hold ids are without end; more of them than this between two flushes are not learned. */
const NAMES_MAX = 2_000;
const NAME_CHARS_MAX = 256;
/** A span name that comes so often teaches nothing new. */
const DURATIONS_MAX = 1_000;

/**
 * What is usual: durations of closed spans by service and name, gathered in memory and written every few seconds. What a crash takes away
 * is statistics, never a finding.
 */
export class Learned {
  #seen = new Map<string, { projectId: number; service: string; name: string; durationsMs: number[] }>();
  #flushedMs = 0;

  /** Call once for a trace, when it is settled. */
  note(projectId: number, { spans }: TraceEvidence): void {
    for (const { service, name, startTimeUnixNano: start, endTimeUnixNano: end } of spans) {
      if (end === null || end < start || name === "" || name.length > NAME_CHARS_MAX) continue;
      const key = JSON.stringify([projectId, service, name]);
      let like = this.#seen.get(key);
      if (!like) {
        if (this.#seen.size >= NAMES_MAX) continue;
        like = { projectId, service, name, durationsMs: [] };
        this.#seen.set(key, like);
      }
      if (like.durationsMs.length < DURATIONS_MAX) like.durationsMs.push(msBetween(start, end));
    }
  }

  /** Writes what was gathered, at most every few seconds. */
  async flush(db: Db, lease: Lease, nowMs: number, now = false): Promise<void> {
    if (this.#seen.size === 0 || (!now && nowMs - this.#flushedMs < FLUSH_EVERY_MS)) return;
    this.#flushedMs = nowMs;
    const seen = [...this.#seen.values()];
    this.#seen = new Map();
    await inTransaction(db, async (tx) => {
      await lease.prove(tx);
      const stored = new Map((await lockBaselines(tx, seen)).map((row) => [JSON.stringify([row.projectId, row.service, row.name]), row]));
      const rows = seen.map(({ durationsMs, ...like }) => {
        const before = stored.get(JSON.stringify([like.projectId, like.service, like.name]));
        const known: Baseline | null = before
          ? { count: before.count, buckets: new Map(Object.entries(before.buckets).map(([bucket, count]) => [Number(bucket), count])) }
          : null;
        const { count, buckets } = withDurations(known, durationsMs);
        return { ...like, count, buckets: Object.fromEntries(buckets) };
      });
      await writeBaselines(tx, rows, nowMs);
    });
  }
}

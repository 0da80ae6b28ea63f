import type { Db } from "@/db/client";
import { listIngestMinutes } from "@/db/queries/status";

interface IngestCounts {
  spans: number;
  logs: number;
  rejected: number;
}

const MINUTE_MS = 60_000;
/** A minute's row may still grow by requests that were received in it and are committed late. */
const STILL_GROWING_MS = 2 * MINUTE_MS;

/**
 * Counts what was taken in since this process was first asked, as Prometheus wants a counter: it never shrinks while the process lives.
 * The table it reads is by minute and loses old ones to retention, so minutes that are over are added up here.
 */
export class IngestCounter {
  #fromMinuteMs: number | null = null;
  #over: IngestCounts = { spans: 0, logs: 0, rejected: 0 };

  async read(db: Db, projectId: number, nowMs: number): Promise<IngestCounts> {
    this.#fromMinuteMs ??= Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    const minutes = await listIngestMinutes(db, projectId, this.#fromMinuteMs);
    const total = minutes.reduce(sum, this.#over);
    const growingFromMs = Math.floor((nowMs - STILL_GROWING_MS) / MINUTE_MS) * MINUTE_MS;
    if (growingFromMs > this.#fromMinuteMs) {
      this.#over = minutes.filter(({ minuteMs }) => minuteMs < growingFromMs).reduce(sum, this.#over);
      this.#fromMinuteMs = growingFromMs;
    }
    return total;
  }
}

const sum = (a: IngestCounts, b: IngestCounts): IngestCounts => ({
  spans: a.spans + b.spans,
  logs: a.logs + b.logs,
  rejected: a.rejected + b.rejected,
});

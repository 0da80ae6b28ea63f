import { notifyStatement } from "@/db/queries/ingest/evidence";
import type { Statement } from "@/db/write-connection";

/** Between two hints to the scheduler, which waits 100 ms for more anyway; and between two to the browsers. */
const ARRIVAL_GAP_MS = 40;
const LIVE_GAP_MS = 300;
/** More do not fit into the 8 000 bytes of a notification. */
const LIVE_IDS_MAX = 200;

/** Tells the scheduler and open pages, now and then, that there is something new. Hints only: the tables are the truth. */
export class Hints {
  private hasArrived = false;
  private arrivalSentMs = 0;
  /** Traces to tell browsers of, by project. */
  private readonly live = new Map<number, { ids: Set<string>; more: boolean }>();
  private liveSentMs = 0;

  /** The scheduler has something to look at. */
  noteArrival(): void {
    this.hasArrived = true;
  }

  /** Records of these traces (16 bytes each) were committed. */
  noteTraces(projectId: number, traceIds: Uint8Array, count: number): void {
    this.hasArrived = true;
    const live = this.live.get(projectId) ?? { ids: new Set(), more: false };
    this.live.set(projectId, live);
    for (let i = 0; i < count && !live.more; i++) {
      if (live.ids.size >= LIVE_IDS_MAX) live.more = true;
      else live.ids.add(Buffer.from(traceIds.buffer, traceIds.byteOffset + i * 16, 16).toString("hex"));
    }
  }

  /** In how many ms the next hint may go out; null when there is nothing to say. */
  dueInMs(nowMs: number): number | null {
    if (this.hasArrived) return Math.max(0, this.arrivalSentMs + ARRIVAL_GAP_MS - nowMs);
    return this.live.size > 0 ? Math.max(0, this.liveSentMs + LIVE_GAP_MS - nowMs) : null;
  }

  /** @param isUrgent for what should not wait: a process that ended */
  take(isUrgent: boolean, nowMs: number): Statement[] {
    const hints: Statement[] = [];
    if (isUrgent || (this.hasArrived && nowMs - this.arrivalSentMs >= ARRIVAL_GAP_MS)) {
      hints.push(notifyStatement("spanwatch_arrival", ""));
      this.hasArrived = false;
      this.arrivalSentMs = nowMs;
    }
    if (this.live.size > 0 && nowMs - this.liveSentMs >= LIVE_GAP_MS) {
      for (const [projectId, { ids, more }] of this.live) {
        hints.push(notifyStatement("spanwatch_live", JSON.stringify({ type: "traces", projectId, traceIds: [...ids], more })));
      }
      this.live.clear();
      this.liveSentMs = nowMs;
    }
    return hints;
  }
}

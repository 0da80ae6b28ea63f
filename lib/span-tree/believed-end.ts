import { MARKS, type SpanRecord } from "@/lib/otel/span";
import { isSaneTime, type UnixNano } from "@/lib/otel/time";

/**
 * Which of a span's ends is the true one (wire.md L5, L6, L9). A forked process ends its copies of its parent's spans when it exits, and
 * sends these ends under the parent's identity. What gives them away is the company they come in: the request that brings such an end
 * carries the forked process's own spans.
 *
 *   parent      start ─────────────────────────────────── end       own: nothing but the parent's records in its request
 *   child 1         start ──── end, end of parent                   foreign: came among the records of another process
 */
export class Carriers {
  /** By request: the one process whose span records it carried in this trace, or null when there were several. */
  readonly request = new Map<string, string | null>();
  /** By connection: every process whose span records it carried, and whether any of them was more than an end. */
  readonly connection = new Map<string, Map<string, boolean>>();
  private last: SpanRecord | null = null;

  note(record: SpanRecord): void {
    const { last } = this;
    // Records come as they were stored, request by request, so mostly there is nothing new to note.
    if (last?.requestId === record.requestId && last.processId === record.processId && last.phase === record.phase) return;
    this.last = record;
    const { requestId, connectionId, processId, phase } = record;
    const sole = this.request.get(requestId);
    if (sole === undefined) this.request.set(requestId, processId);
    else if (sole !== processId) this.request.set(requestId, null);

    const processes = this.connection.get(connectionId);
    if (!processes) this.connection.set(connectionId, new Map([[processId, phase !== "end"]]));
    else if (phase !== "end") processes.set(processId, true);
    else if (!processes.has(processId)) processes.set(processId, false);
  }
}

/** Whether a record's request carried records of its own process only. */
export const cameAlone = (record: SpanRecord, carriers: Carriers): boolean => carriers.request.get(record.requestId) === record.processId;

/** The process that owns a span: of its start, else of most of its records, else of the first to arrive. */
export function ownProcessOf(records: readonly SpanRecord[]): string {
  const start = records.find((record) => record.phase !== "end");
  if (start) return start.processId;
  const counts = new Map<string, number>();
  for (const { processId } of records) counts.set(processId, (counts.get(processId) ?? 0) + 1);
  let own = (records[0] as SpanRecord).processId;
  for (const [processId, count] of counts) if (count > (counts.get(own) ?? 0)) own = processId;
  return own;
}

/**
 * The end to believe: one that the span's own process sent before any other, a program's before a janitor's (L8), then the latest.
 *
 * @param records of one span, in order of arrival.
 * @param refutedBefore a moment at which the own process was still at work below the span; ends that came in foreign company and lie
 * before it are not believed (L9). Null when nothing refutes them.
 */
export function believedEnd(records: readonly SpanRecord[], carriers: Carriers, refutedBefore: UnixNano | null): SpanRecord | null {
  const own = ownProcessOf(records);
  let best: SpanRecord | null = null;
  let bestRank = 0;
  for (const record of records) {
    if (record.phase !== "end") continue;
    const rank = rankOf(record, own, carriers);
    const end = record.endTimeUnixNano ?? 0n;
    if (rank === FOREIGN && refutedBefore !== null && end < refutedBefore) continue;
    if (rank > bestRank || (rank === bestRank && end > (best?.endTimeUnixNano ?? 0n))) {
      best = record;
      bestRank = rank;
    }
  }
  return best;
}

/** Whether all that is known of a span's end came in foreign company, though its own process reports on its own: then L9 may refute it. */
export function isEndDoubtful(records: readonly SpanRecord[], carriers: Carriers): boolean {
  const own = ownProcessOf(records);
  const ends = records.filter((record) => record.phase === "end");
  return (
    ends.length > 0 &&
    ends.every((end) => rankOf(end, own, carriers) === FOREIGN) &&
    records.some((record) => record.phase !== "end" && cameAlone(record, carriers))
  );
}

const [ABSURD, FOREIGN, JANITOR, ELSEWHERE, OWN] = [1, 2, 3, 4, 5] as const;

function rankOf(end: SpanRecord, own: string, carriers: Carriers): number {
  if (end.processId !== own || carriers.request.get(end.requestId) === null) return FOREIGN;
  // Past 2262, or zero: a broken exporter. It ends the span only where nothing better is known.
  if (!isSaneTime(end.endTimeUnixNano ?? 0n)) return ABSURD;
  if ((end.marks & MARKS.closedByJanitor) !== 0) return JANITOR;
  return isOthersConnection(end, carriers) ? ELSEWHERE : OWN;
}

/** A connection on which another process reported, and this one sent nothing but ends (wire.md §6, "executor fork"). */
function isOthersConnection({ connectionId, processId }: SpanRecord, carriers: Carriers): boolean {
  const processes = carriers.connection.get(connectionId);
  return processes !== undefined && processes.size > 1 && processes.get(processId) !== true;
}

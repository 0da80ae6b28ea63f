import { MARKS, type SpanRecord } from "@/lib/otel/span";
import { once } from "./once";

/**
 * How long after the moments that a process wrote into its records these arrived, by this server's clock: of an end its end, of a start its
 * start. Negative where the process's clock is ahead.
 *
 *   span            |----|
 *   record                ·······▸●      delay: from the end to the arrival
 */
export interface ArrivalDelays {
  processId: string;
  leastMs: number;
  mostMs: number;
  /** The earliest moment that a record tells, Unix ms. */
  earliestMs: number;
  /** Of the first and the last record to arrive: when by this server's clock, and which moment it told, Unix ms. */
  first: { receivedMs: number; toldMs: number };
  last: { receivedMs: number; toldMs: number };
  /** The one request that brought all of it, or null when there were several. */
  requestId: string | null;
}

const NS_PER_MS = 1e6;
const BEYOND_2262_MS = 2 ** 63 / NS_PER_MS;

/** By process, over the records that carry a usable moment. One pass over all records with plain numbers: it runs for every trace. */
export const arrivalDelaysOf = once(({ spans }): ReadonlyMap<string, ArrivalDelays> => {
  const byProcess = new Map<string, ArrivalDelays>();
  for (const { records } of spans) {
    for (const record of records) {
      const toldMs = toldMsOf(record);
      if (toldMs === null) continue;
      const known = byProcess.get(record.processId);
      if (known) widen(known, record, toldMs);
      else byProcess.set(record.processId, delaysOf(record, toldMs));
    }
  }
  return byProcess;
});

function delaysOf({ processId, receivedMs, requestId }: SpanRecord, toldMs: number): ArrivalDelays {
  const [delayMs, here] = [receivedMs - toldMs, { receivedMs, toldMs }];
  return { processId, leastMs: delayMs, mostMs: delayMs, earliestMs: toldMs, first: here, last: here, requestId };
}

function widen(delays: ArrivalDelays, { receivedMs, requestId }: SpanRecord, toldMs: number): void {
  const delayMs = receivedMs - toldMs;
  if (delayMs < delays.leastMs) delays.leastMs = delayMs;
  if (delayMs > delays.mostMs) delays.mostMs = delayMs;
  if (toldMs < delays.earliestMs) delays.earliestMs = toldMs;
  if (receivedMs < delays.first.receivedMs) delays.first = { receivedMs, toldMs };
  if (receivedMs > delays.last.receivedMs) delays.last = { receivedMs, toldMs };
  if (requestId !== delays.requestId) delays.requestId = null;
}

/** The youngest moment that a record tells, Unix ms; null of a heartbeat (it tells none), a sweeper's end, and times that cannot be (L13). */
export function toldMsOf(record: SpanRecord): number | null {
  const { phase, marks, startTimeUnixNano, endTimeUnixNano } = record;
  if (phase === "heartbeat" || (marks & MARKS.closedByJanitor) !== 0) return null;
  if (endTimeUnixNano !== null && endTimeUnixNano < startTimeUnixNano) return null;
  const ms = Number(endTimeUnixNano ?? startTimeUnixNano) / NS_PER_MS;
  return ms > 0 && ms < BEYOND_2262_MS ? ms : null;
}

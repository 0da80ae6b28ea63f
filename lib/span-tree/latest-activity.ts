import type { SpanId } from "@/lib/otel/ids";
import type { LogRecord } from "@/lib/otel/log-record";
import type { Span } from "@/lib/otel/span";
import type { UnixNano } from "@/lib/otel/time";
import { type Carriers, cameAlone } from "./believed-end";
import { type Slices, STEPS_PER_SLICE } from "./slices";

/** What a log record tells of the span it was written in: its process was at work there at that time. */
export type LogSign = Pick<LogRecord, "spanId" | "processId" | "timeUnixNano">;

/**
 * When each process was last at work below each span, as its own requests tell: by process id, then by the id of every span above the
 * work. Work is the start of a span or a log record; the end of a span is none, because background work may well outlive what began it.
 */
export function* latestActivityBelow(
  spans: readonly Span[],
  processIds: ReadonlySet<string>,
  carriers: Carriers,
  logs: readonly LogSign[],
): Slices<Map<string, Map<SpanId, UnixNano>>> {
  const parentOf = new Map<SpanId, SpanId | null>();
  for (const { spanId, parentSpanId } of spans) if (!parentOf.has(spanId)) parentOf.set(spanId, parentSpanId);
  const latest = new Map<string, Map<SpanId, UnixNano>>([...processIds].map((processId) => [processId, new Map()]));
  let steps = 0;
  // Latest first: a span that was reached once has its answer, and so has everything above it. Each span is reached once a process.
  for (const { processId, below, time } of workOf(spans, processIds, carriers, logs)) {
    const reached = latest.get(processId);
    for (let at = below; reached && at !== null && !reached.has(at); at = parentOf.get(at) ?? null) {
      reached.set(at, time);
      if (++steps % STEPS_PER_SLICE === 0) yield;
    }
  }
  return latest;
}

interface Work {
  processId: string;
  below: SpanId | null;
  time: UnixNano;
}

/** What these processes did, the latest first. */
function workOf(spans: readonly Span[], processIds: ReadonlySet<string>, carriers: Carriers, logs: readonly LogSign[]): Work[] {
  const spanWork = spans
    .filter(({ processId }) => processIds.has(processId))
    .filter(({ processId, records }) => records.some((record) => record.processId === processId && cameAlone(record, carriers)))
    .map(({ processId, parentSpanId, startTimeUnixNano }) => ({ processId, below: parentSpanId, time: startTimeUnixNano }));
  const logWork = logs
    .filter(({ processId }) => processIds.has(processId))
    .map(({ processId, spanId, timeUnixNano }) => ({ processId, below: spanId, time: timeUnixNano }));
  return [...spanWork, ...logWork].sort((a, b) => (a.time > b.time ? -1 : a.time < b.time ? 1 : 0));
}

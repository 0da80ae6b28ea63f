import type { SpanId } from "@/lib/otel/ids";
import type { Span, SpanRecord } from "@/lib/otel/span";
import type { UnixNano } from "@/lib/otel/time";
import { inOrderOfArrival } from "./arrival";
import { believedEnd, Carriers, isEndDoubtful, ownProcessOf } from "./believed-end";
import { type LogSign, latestActivityBelow } from "./latest-activity";
import { runThrough, type Slices, visiting } from "./slices";
import { splitVariants } from "./variants";

/**
 * The spans of one trace, each concluded from everything reported of it (design, decision 3). The answer depends on what was reported
 * only: not on the order of arrival in the list given, nor on how often the same report stands in it.
 *
 * - A span is ended once an end is believed (lib/span-tree/believed-end); a start or heartbeat that arrives later opens nothing.
 * - The end's fields win over the start's; the process is the start's.
 * - Identical re-deliveries are one report.
 * - An id that clearly stands for several spans gives several (`variant` 0, 1, 2 …); every report belongs to one.
 *
 * @param records all span records of one trace.
 * @param logs log records of that trace; needed only where `needsLogs` says so.
 * @returns spans in no promised order, the variants of one id after each other.
 */
export function resolveSpans(records: readonly SpanRecord[], logs: readonly LogSign[] = []): Span[] {
  return runThrough(resolvingSpans(records, logs));
}

/** As `resolveSpans`, in slices. */
export function* resolvingSpans(records: readonly SpanRecord[], logs: readonly LogSign[] = []): Slices<Span[]> {
  const carriers = new Carriers();
  const byId = new Map<SpanId, SpanRecord[]>();
  yield* visiting(records.length, (i) => {
    const record = records[i] as SpanRecord;
    carriers.note(record);
    const those = byId.get(record.spanId);
    if (those) those.push(record);
    else byId.set(record.spanId, [record]);
    return undefined;
  });

  const spans: Span[] = [];
  const doubtful: number[] = [];
  const groups = [...byId.values()];
  yield* visiting(groups.length, (i) => {
    const those = groups[i] as SpanRecord[];
    const [only] = those;
    if (those.length === 1 && only) {
      spans.push(spanOf(only, only, only, { variant: 0, isEnded: only.phase === "end", records: those }));
      return undefined;
    }
    for (const [variant, reports] of splitVariants(inOrderOfArrival(those)).entries()) {
      if (isEndDoubtful(reports, carriers)) doubtful.push(spans.length);
      spans.push(resolveOne(reports, variant, believedEnd(reports, carriers, null)));
    }
    return those.length;
  });
  if (doubtful.length > 0) yield* reconsider(spans, doubtful, carriers, logs);
  return spans;
}

/** Whether log records could change these spans: the only ends of one came among the records of another process. */
export function needsLogs(spans: readonly Span[]): boolean {
  if (!spans.some(({ records, endTimeUnixNano }) => records.length > 1 && endTimeUnixNano !== null)) return false;
  const carriers = new Carriers();
  for (const span of spans) for (const record of span.records) carriers.note(record);
  return spans.some(({ records }) => records.length > 1 && isEndDoubtful(records, carriers));
}

/** The record that a span takes its end from, or null while it is open. */
export function decidingRecord(span: Span): SpanRecord | null {
  if (span.endTimeUnixNano === null) return null;
  return (
    span.records.find(
      (record) =>
        record.phase === "end" &&
        record.endTimeUnixNano === span.endTimeUnixNano &&
        record.statusCode === span.statusCode &&
        record.statusMessage === span.statusMessage,
    ) ?? null
  );
}

function resolveOne(records: SpanRecord[], variant: number, end: SpanRecord | null): Span {
  const first = records[0] as SpanRecord;
  const start = records.find((record) => record.phase === "start");
  const heartbeat = records.findLast((record) => record.phase === "heartbeat");
  const said = end ?? heartbeat ?? start ?? first;
  const began = start ?? heartbeat ?? said;
  const ownProcessId = ownProcessOf(records);
  const own = said.processId === ownProcessId ? said : (records.find((record) => record.processId === ownProcessId) ?? said);
  return spanOf(said, began, own, { variant, isEnded: end !== null, records });
}

/** A span as `said` has it; `began` fills what that leaves out, `own` tells whose it is. */
function spanOf(
  said: SpanRecord,
  began: SpanRecord,
  own: SpanRecord,
  { variant, isEnded, records }: { variant: number; isEnded: boolean; records: SpanRecord[] },
): Span {
  return {
    traceId: said.traceId,
    spanId: said.spanId,
    parentSpanId: said.parentSpanId,
    name: said.name || began.name,
    kind: said.kind,
    statusCode: said.statusCode,
    statusMessage: said.statusMessage,
    flags: said.flags,
    marks: said.marks | began.marks,
    startTimeUnixNano: said.startTimeUnixNano || began.startTimeUnixNano,
    endTimeUnixNano: isEnded ? said.endTimeUnixNano : null,
    service: own.service,
    processId: own.processId,
    resourceId: own.resourceId,
    scopeId: said.scopeId,
    variant,
    records,
  };
}

/** L9: where the span's own process was at work below it after an end that only others brought, the span had not ended then. */
function* reconsider(spans: Span[], doubtful: readonly number[], carriers: Carriers, logs: readonly LogSign[]): Slices<void> {
  const activity = yield* latestActivityBelow(spans, new Set(doubtful.map((at) => spans[at]?.processId ?? "")), carriers, logs);
  for (const at of doubtful) {
    const { records, variant, spanId, processId } = spans[at] as Span;
    const latest = activity.get(processId)?.get(spanId);
    if (latest !== undefined) spans[at] = resolveOne(records, variant, believedEnd(records, carriers, latest - CLOCK_GRAIN_NS));
  }
}

/** Less than this apart, two moments of one clock have no order (wire.md L9). */
const CLOCK_GRAIN_NS: UnixNano = 5_000_000n;

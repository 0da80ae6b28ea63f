import type { SpanRecord } from "@/lib/otel/span";

/**
 * Records in order of arrival, with re-deliveries of the same report left out (the first to arrive stays). A total order: records that
 * came in the same ms are told apart by their content, so that the order in which a database hands them out decides nothing.
 * Heartbeats are alike by nature; only the same one of the same request is a re-delivery.
 */
export function inOrderOfArrival(records: readonly SpanRecord[]): SpanRecord[] {
  if (records.length === 1) return [...records];
  const sorted = [...records].sort(byArrival);
  if (sorted.length === 2 && sorted[0]?.phase !== sorted[1]?.phase) return sorted;
  const seen = new Set<string>();
  return sorted.filter((record) => {
    const content = record.phase === "heartbeat" ? `${record.requestId} ${contentOf(record)}` : contentOf(record);
    return !seen.has(content) && seen.add(content);
  });
}

function byArrival(a: SpanRecord, b: SpanRecord): number {
  return a.receivedMs - b.receivedMs || compare(a.requestId, b.requestId) || compare(contentOf(a), contentOf(b));
}

/** All that a record says of its span, without how it came here. */
function contentOf(record: SpanRecord): string {
  const { phase, dialect, kind, flags, marks, startTimeUnixNano, endTimeUnixNano, statusCode, service, name, statusMessage } = record;
  const ids = `${record.parentSpanId} ${record.processId} ${record.resourceId} ${record.scopeId}`;
  const said = `${phase} ${dialect} ${kind} ${flags} ${marks} ${startTimeUnixNano} ${endTimeUnixNano} ${record.heartbeatEveryMs} ${statusCode}`;
  return JSON.stringify([said, ids, service, name, statusMessage]);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

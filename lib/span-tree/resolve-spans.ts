import type { Span, SpanRecord } from "@/lib/otel/span";

/** First version, to be completed: groups by id, the latest end wins. */
export function resolveSpans(records: readonly SpanRecord[]): Span[] {
  const byId = new Map<string, SpanRecord[]>();
  for (const record of records) {
    const group = byId.get(record.spanId);
    if (group) group.push(record);
    else byId.set(record.spanId, [record]);
  }
  return [...byId.values()].map((group) => {
    const start = group.find((record) => record.phase === "start") ?? (group[0] as SpanRecord);
    const end = group
      .filter((record) => record.phase === "end")
      .sort((a, b) => Number((b.endTimeUnixNano ?? 0n) - (a.endTimeUnixNano ?? 0n)))[0];
    const {
      phase: _phase,
      dialect: _dialect,
      heartbeatEveryMs: _every,
      receivedMs: _received,
      requestId: _request,
      connectionId: _connection,
      ...fields
    } = end ?? start;
    return { ...fields, processId: start.processId, endTimeUnixNano: end?.endTimeUnixNano ?? null, variant: 0, records: group };
  });
}

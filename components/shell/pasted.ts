/** Where something that was pasted leads: a trace, maybe a span in it. */
export interface PastedTarget {
  traceId: string;
  spanId: string | null;
}

const TRACEPARENT = /(?<![0-9a-f])[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?![0-9a-f])/i;
const TRACE_ID = /(?<![0-9a-f])(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![0-9a-f])/i;
const SPAN_ID = /span(?:[_-]?id)?["']?\s*[=:/]\s*["']?([0-9a-f]{16})(?![0-9a-f])/i;

/**
 * Finds a trace in whatever people have at hand: a trace id (dashed or not, upper case or not), a `traceparent` header, a log line, the
 * address of another tracing tool. Null when there is none.
 */
export function parsePasted(text: string): PastedTarget | null {
  const head = text.slice(0, 20_000);
  const parent = TRACEPARENT.exec(head);
  if (parent?.[1] && parent[2]) return target(parent[1], parent[2]);
  const found = TRACE_ID.exec(head);
  return found ? target(found[0], SPAN_ID.exec(head)?.[1] ?? null) : null;
}

function target(traceId: string, spanId: string | null): PastedTarget | null {
  const plain = traceId.replaceAll("-", "").toLowerCase();
  return /^0+$/.test(plain) ? null : { traceId: plain, spanId: spanId?.toLowerCase() ?? null };
}

/** The address of a trace page. */
export const traceHref = ({ traceId, spanId }: PastedTarget): string => `/traces/${traceId}${spanId ? `?span=${spanId}` : ""}`;

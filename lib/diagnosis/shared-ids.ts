import type { SpanId } from "@/lib/otel/ids";
import { once } from "./once";

/** Ids that several spans of the trace share (wire.md P12, Zipkin's two sides of a call): which of them is whose parent is a guess. */
export const sharedIdsOf = once(({ spans }): ReadonlySet<SpanId> => {
  const shared = new Set<SpanId>();
  for (const { spanId, variant } of spans) if (variant > 0) shared.add(spanId);
  return shared;
});

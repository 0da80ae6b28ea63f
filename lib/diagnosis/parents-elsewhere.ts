import type { SpanId } from "@/lib/otel/ids";
import type { Span } from "@/lib/otel/span";
import { isSaneTime, msBetween } from "@/lib/otel/time";
import type { SpanElsewhere, TraceEvidence } from "./check";
import { childrenOf } from "./evidence-index";
import { isExternal } from "./external-callers";

/** Of the traces of a service whose callers never report, so many share one look-up: what holds for all of them is told of some. */
const ONE_IN = 16;

/**
 * Whether missing parents are worth looking for in other traces (wire.md P10): only when the trace is quiet, for most parents come late and
 * not elsewhere; and seldom where a service's callers never report (O3b), because every one of its traces has a missing parent then.
 */
export function asksForParentsElsewhere(evidence: TraceEvidence): boolean {
  const { tree, nowMs, lastReceivedMs, settings, traceId, remoteParents } = evidence;
  if (tree.missing.length === 0 || nowMs < lastReceivedMs + settings.settleMs) return false;
  const isHabit = tree.missing.every((_, i) => {
    const habit = remoteParents.get(childrenOf(evidence, tree.spanCount + i)[0]?.service ?? "");
    return habit !== undefined && isExternal(habit);
  });
  // By the id's last digits, so that each look at the trace, and each scheduler, answers alike.
  return !isHabit || Number.parseInt(traceId.slice(-4), 16) % ONE_IN === 0;
}

/** Clocks that nobody synchronises are so far apart; what is further apart did not cause it. */
const CLOCKS_APART_MS = 60_000;
/** Work may lie in a queue between its parent and itself, but what began hours later has an id that was made again. */
const AFTER_MS = 3_600_000;

/** The span of another trace that `children` name as their parent, where it can have been that; not the other half of a cut trace id (P11). */
export function parentElsewhere(evidence: TraceEvidence, spanId: SpanId, children: readonly Span[]): SpanElsewhere | null {
  const found = evidence.parentsElsewhere.get(spanId);
  const [first] = children;
  if (!found || !first || found.traceId.slice(16) === evidence.traceId.slice(16)) return null;
  const { startTimeUnixNano: start, endTimeUnixNano: end } = found;
  const begun = first.startTimeUnixNano;
  if (!isSaneTime(start) || !isSaneTime(begun) || msBetween(start, begun) < -CLOCKS_APART_MS) return null;
  return end === null || msBetween(end, begun) <= AFTER_MS ? found : null;
}

/**
 * Of spans found in other traces under the ids that are missing: those that exactly one other trace has. A trace that has ids of this one's own
 * spans too was made by the same generator (wire.md P12), and proves nothing.
 *
 * @param found spans of other traces with an id that is missing here, or that spans here have.
 */
export function soleParents<T extends SpanElsewhere>(
  missing: readonly SpanId[],
  own: ReadonlySet<SpanId>,
  found: Iterable<T>,
): Map<SpanId, T> {
  const clones = new Set<string>();
  const byId = new Map<SpanId, T[]>();
  const asked = new Set(missing);
  for (const span of found) {
    if (own.has(span.spanId)) clones.add(span.traceId);
    if (!asked.has(span.spanId)) continue;
    const known = byId.get(span.spanId);
    if (known) known.push(span);
    else byId.set(span.spanId, [span]);
  }
  const sole = new Map<SpanId, T>();
  for (const [spanId, spans] of byId) {
    const [first] = spans;
    if (first && spans.every(({ traceId }) => traceId === first.traceId) && !clones.has(first.traceId)) sole.set(spanId, first);
  }
  return sole;
}

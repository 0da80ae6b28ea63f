import type { SpanId, TraceId } from "@/lib/otel/ids";
import type { Span } from "@/lib/otel/span";
import type { UnixNano } from "@/lib/otel/time";
import type { TraceEvidence } from "./check";
import { templateOf } from "./evidence-index";
import { type LateChildren, lateChildrenOf } from "./late-children";
import { once } from "./once";

/**
 * P5: workers hang below a span that had ended before they began, while another span of its process was open around all of them: the context
 * was captured too early.
 *
 *   set up         |---|                         @main
 *     export 1              |------|             @w1     remote
 *     export 2              |---------|          @w2     remote
 *   nightly job         |---------------|        @main   encloses them
 */
export interface StaleCarrier {
  late: LateChildren;
  /** The span that most likely owns them. */
  owner: Enclosing;
}

/** A span that was open around the workers; perhaps of another trace. */
export interface Enclosing {
  traceId: TraceId;
  spanId: SpanId;
  name: string;
  processId: string;
  startTimeUnixNano: UnixNano;
  endTimeUnixNano: UnixNano | null;
}

/** One worker alone may be left behind on purpose. */
const SIBLINGS_MIN = 2;

export const staleCarriersOf = once((evidence): StaleCarrier[] =>
  lateChildrenOf(evidence).flatMap((late) => {
    const template = templateOf(late.children[0]?.name ?? "");
    const isFleet = late.children.length >= SIBLINGS_MIN && late.children.every((child) => templateOf(child.name) === template);
    if (!isFleet || late.isSameProcess) return [];
    const around = enclosing(evidence, late);
    return around.length === 1 && around[0] ? [{ late, owner: around[0] }] : [];
  }),
);

/**
 * Spans of the parent's process, of this trace or of those around, that were open while all of the late children ran, and begun when the
 * parent had ended: what ran beside the parent is another thread's, and its children are jobs that were queued.
 */
function enclosing(evidence: TraceEvidence, { parent, children }: LateChildren): Enclosing[] {
  const isAround = (one: Enclosing) =>
    one.processId === parent.processId &&
    one.spanId !== parent.spanId &&
    one.startTimeUnixNano >= (parent.endTimeUnixNano ?? 0n) &&
    children.every(({ startTimeUnixNano: start, endTimeUnixNano: end }) => isWithin(one, start, end ?? start));
  const above = ancestorsOf(evidence, parent);
  return [...evidence.spans.filter((span) => !above.has(span)), ...evidence.concurrentRoots].filter(isAround);
}

const isWithin = (one: Enclosing, start: UnixNano, end: UnixNano): boolean =>
  one.startTimeUnixNano <= start && (one.endTimeUnixNano === null || one.endTimeUnixNano >= end);

function ancestorsOf({ spans, tree }: TraceEvidence, span: Span): Set<Span> {
  const above = new Set<Span>();
  for (let node = spans.indexOf(span); node >= 0; node = tree.parent[node] as number) {
    const ancestor = spans[node];
    if (ancestor) above.add(ancestor);
  }
  return above;
}

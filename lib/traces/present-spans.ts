import type { SpanJson } from "@/lib/api/contract/traces";
import { MARKS, type Span, type SpanState } from "@/lib/otel/span";
import { isSaneTime, type UnixNano, unixNanoOfMs } from "@/lib/otel/time";
import { type Slices, visiting } from "@/lib/span-tree/slices";
import { childrenOf, latestBelow } from "@/lib/span-tree/walk";
import type { KnownTrace } from "./read-trace";
import type { SaidOfSpans } from "./said-of-spans";

/** The rows of a trace in reading order, in slices; a missing parent is a row like the others. */
export function* presentingSpans(trace: KnownTrace, { proposals, closedAtExit }: SaidOfSpans): Slices<SpanJson[]> {
  const { spans, tree, states, logs } = trace;
  const { order, depth, childStart } = tree;
  const cutAbove = new Set(tree.cycles.map((cycle) => cycle[0]));
  const activity = hasOpenRows(trace) ? latestBelow(tree, (node) => lastSignOf(trace, spans[node])) : [];
  yield;
  const rows: SpanJson[] = [];
  yield* visiting(order.length, (at) => {
    const node = order[at] as number;
    const span = spans[node];
    const row = span ? spanRow(span, activity[node] ?? null) : missingRow(trace, node, activity[node] ?? null);
    row.depth = depth[node] as number;
    row.childCount = (childStart[node + 1] as number) - (childStart[node] as number);
    row.proposedParent = proposals.get(row.spanId) ?? null;
    if (cutAbove.size > 0) row.cycleCut = cutAbove.has(node);
    if (span) row.state = shownState(row, states, closedAtExit);
    // Log records name an id, not one of the spans that share it; they are counted once.
    if (logs.size > 0 && row.variant === 0) row.logCount = logs.get(row.spanId)?.count ?? 0;
    rows.push(row);
    return undefined;
  });
  return rows;
}

/** What a span says of itself; its place in the tree and what others say of it are filled in by the caller. */
function spanRow(span: Span, activity: UnixNano | null): SpanJson {
  const { endTimeUnixNano: end } = span;
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    proposedParent: null,
    variant: span.variant,
    depth: 0,
    childCount: 0,
    name: span.name,
    service: span.service,
    kind: span.kind,
    statusCode: span.statusCode,
    statusMessage: span.statusMessage,
    state: end === null ? "ongoing" : "closed",
    startTimeUnixNano: span.startTimeUnixNano.toString(),
    endTimeUnixNano: end === null ? null : end.toString(),
    lastActivityUnixNano: end === null && activity !== null ? activity.toString() : null,
    processId: span.processId,
    logCount: 0,
    marks: marksOf(span.marks),
    cycleCut: false,
  };
}

/**
 * Between the scheduler's looks a span may open or close; what it last said of an open span stands, and till then it is ongoing. What it
 * said of an exit that ended it stands while it is ended.
 */
function shownState(row: SpanJson, states: KnownTrace["states"], closedAtExit: ReadonlySet<string>): SpanState {
  if (row.state !== "ongoing") return closedAtExit.has(row.spanId) ? "closed-at-exit" : row.state;
  const said = states.get(row.spanId);
  return said === "stale" || said === "abandoned" ? said : "ongoing";
}

/**
 * A parent known only because others name it: as long as its children show, and, where it is thought to run still (wire.md L11), open.
 * The children's service is its own unless they come from several.
 */
function missingRow({ spans, tree, states }: KnownTrace, node: number, activity: UnixNano | null): SpanJson {
  const spanId = tree.missing[node - tree.spanCount] as string;
  const said = states.get(spanId) ?? "missing";
  const children = [...childrenOf(tree, node)].map((child) => spans[child] as Span);
  const services = new Set(children.map((child) => child.service));
  return {
    spanId,
    parentSpanId: null,
    proposedParent: null,
    variant: 0,
    depth: 0,
    childCount: 0,
    name: "",
    service: services.size === 1 ? (children[0]?.service ?? "") : "",
    kind: "unspecified",
    statusCode: "unset",
    statusMessage: null,
    state: said,
    startTimeUnixNano: (children[0]?.startTimeUnixNano ?? 0n).toString(),
    endTimeUnixNano: said === "missing" ? envelopeEnd(children).toString() : null,
    lastActivityUnixNano: said !== "missing" && activity !== null ? activity.toString() : null,
    processId: null,
    logCount: 0,
    marks: [],
    cycleCut: false,
  };
}

/** The latest moment that the children show. They are in order of their starts, unusable ones last. */
function envelopeEnd(children: readonly Span[]): UnixNano {
  let latest = children[0]?.startTimeUnixNano ?? 0n;
  for (const { startTimeUnixNano, endTimeUnixNano } of children) {
    for (const time of [startTimeUnixNano, endTimeUnixNano]) if (time !== null && isSaneTime(time) && time > latest) latest = time;
  }
  return latest;
}

function hasOpenRows({ spans, tree, states }: KnownTrace): boolean {
  return (
    spans.some((span) => span.endTimeUnixNano === null) || tree.missing.some((spanId) => (states.get(spanId) ?? "missing") !== "missing")
  );
}

/** The latest moment that a span itself shows: its end, else its start, its youngest log record, the arrival of its last heartbeat. */
function lastSignOf({ logs }: KnownTrace, span: Span | undefined): UnixNano | null {
  if (!span) return null;
  let latest: UnixNano | null = null;
  const see = (time: UnixNano | null | undefined) => {
    if (time != null && isSaneTime(time) && (latest === null || time > latest)) latest = time;
  };
  see(span.startTimeUnixNano);
  see(span.endTimeUnixNano);
  see(logs.get(span.spanId)?.latestUnixNano);
  for (const { phase, receivedMs } of span.records) if (phase === "heartbeat") see(unixNanoOfMs(receivedMs));
  return latest;
}

const MARK_NAMES = Object.entries(MARKS);
const NO_MARKS: string[] = [];

const marksOf = (marks: number): string[] =>
  marks === 0 ? NO_MARKS : MARK_NAMES.filter(([, bit]) => (marks & bit) !== 0).map(([name]) => name);

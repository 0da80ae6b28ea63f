// One function a pass, in the order in which they run; together they are longer than most files here because they share the arrays.
import type { SpanId } from "@/lib/otel/ids";
import { runThrough, type Slices, visiting } from "./slices";
import { sortingByStart } from "./sort-by-start";
import type { SpanTree, TreeSpan } from "./span-tree";

/**
 * The tree of a trace. Any input gives one: cycles are cut above their earliest span and listed, a span that names itself is a cycle of
 * one, a parent that nobody sent becomes a node of its own, and where several spans share an id their children go to the one of their own
 * process, else to the server's side of a call, else to the first variant. The server's side of a call hangs below the client's.
 *
 * Every span is in `order` exactly once. Time is linear plus one sort, memory some 150 bytes a span, and nothing recurses, so a chain or
 * a star of a million spans is a tree like any other. The order of the spans given decides nothing but their numbers.
 */
export function buildSpanTree(spans: readonly TreeSpan[]): SpanTree {
  return runThrough(buildingSpanTree(spans));
}

/** As `buildSpanTree`, in slices. */
export function* buildingSpanTree(spans: readonly TreeSpan[]): Slices<SpanTree> {
  const byStart = yield* sortingByStart(spans);
  yield;
  const { parentOfSpan, missing } = yield* findParents(spans, byStart);
  const cycles = yield* cutCycles(parentOfSpan, byStart);

  const nodeCount = spans.length + missing.length;
  const parent = new Int32Array(nodeCount).fill(-1);
  parent.set(parentOfSpan);
  const { childStart, childList, tops } = yield* listChildren(parent, spans.length, byStart);
  const { order, depth } = yield* walkInReadingOrder(parent, childStart, childList, tops);
  const roots = tops.filter((node) => node < spans.length && spans[node]?.parentSpanId === null);
  return { spanCount: spans.length, missing, parent, childStart, childList, order, depth, tops, roots, cycles };
}

/** The node that each span hangs below, missing parents included (in order of their earliest child), cycles not yet cut. */
function* findParents(spans: readonly TreeSpan[], byStart: Int32Array): Slices<{ parentOfSpan: Int32Array; missing: SpanId[] }> {
  const { nodeOf, families } = yield* findIds(spans);
  const parentOfSpan = new Int32Array(spans.length).fill(-1);
  let unknownCount = 0;
  // In the order given, not by start: spans that came together name each other, and looking up what lies near is several times faster.
  yield* visiting(spans.length, (node) => {
    const span = spans[node] as TreeSpan;
    const { spanId, parentSpanId } = span;
    const caller = families.get(spanId)?.callerOf(node);
    if (caller !== undefined) parentOfSpan[node] = caller;
    else if (parentSpanId === spanId) parentOfSpan[node] = node;
    else if (parentSpanId !== null) {
      const above = families.get(parentSpanId)?.parentFor(span) ?? nodeOf.get(parentSpanId);
      parentOfSpan[node] = above ?? UNKNOWN;
      if (above === undefined) unknownCount++;
    }
    return undefined;
  });
  if (unknownCount === 0) return { parentOfSpan, missing: [] };

  const missing: SpanId[] = [];
  yield* visiting(spans.length, (at) => {
    const node = byStart[at] as number;
    if (parentOfSpan[node] !== UNKNOWN) return undefined;
    const parentSpanId = (spans[node] as TreeSpan).parentSpanId as SpanId;
    const above = nodeOf.get(parentSpanId) ?? spans.length + missing.push(parentSpanId) - 1;
    nodeOf.set(parentSpanId, above);
    parentOfSpan[node] = above;
    return undefined;
  });
  return { parentOfSpan, missing };
}

const UNKNOWN = -2;

/** The node of each span id; for ids that several spans have, how these stand to each other. */
function* findIds(spans: readonly TreeSpan[]) {
  const nodeOf = new Map<SpanId, number>();
  const twins = new Map<SpanId, number[]>();
  yield* visiting(spans.length, (node) => {
    const { spanId } = spans[node] as TreeSpan;
    const first = nodeOf.get(spanId);
    if (first === undefined) nodeOf.set(spanId, node);
    else if (!twins.get(spanId)?.push(node)) twins.set(spanId, [first, node]);
    return undefined;
  });
  return { nodeOf, families: new Map([...twins].map(([spanId, nodes]) => [spanId, familyOf(nodes, spans)])) };
}

/** How the spans of one id, several of which came, stand to each other and to those that name the id as their parent. */
function familyOf(nodes: number[], spans: readonly TreeSpan[]) {
  const inOrder = nodes.toSorted((a, b) => compareTwins(spans[a] as TreeSpan, spans[b] as TreeSpan));
  const client = inOrder.find((node) => spans[node]?.kind === "client");
  const server = inOrder.find((node) => spans[node]?.kind === "server");
  const isCall = client !== undefined && server !== undefined;
  const byProcess = new Map<string, number>();
  for (const node of inOrder) {
    const processId = spans[node]?.processId;
    if (processId && !byProcess.has(processId)) byProcess.set(processId, node);
  }
  const first = (isCall ? server : inOrder[0]) as number;
  return {
    callerOf: (node: number): number | undefined => (isCall && spans[node]?.kind === "server" ? client : undefined),
    parentFor: ({ processId }: TreeSpan): number => (processId ? byProcess.get(processId) : undefined) ?? first,
  };
}

function compareTwins(a: TreeSpan, b: TreeSpan): number {
  return (a.variant ?? 0) - (b.variant ?? 0) || Number(a.startTimeUnixNano - b.startTimeUnixNano);
}

/** Cuts each cycle above its earliest span. Every node is walked over twice at most: walks stop where an earlier one has been. */
function* cutCycles(parentOfSpan: Int32Array, byStart: Int32Array): Slices<Int32Array[]> {
  const count = parentOfSpan.length;
  const cycles: Int32Array[] = [];
  const rank = new Int32Array(count);
  for (let at = 0; at < count; at++) rank[byStart[at] as number] = at;
  const walkedFrom = new Int32Array(count).fill(-1);
  yield* visiting(count, (at) => {
    const from = byStart[at] as number;
    let node = from;
    let steps = 0;
    while (node >= 0 && node < count && walkedFrom[node] === -1) {
      walkedFrom[node] = from;
      node = parentOfSpan[node] as number;
      steps++;
    }
    // Back where this very walk has been: a cycle.
    if (node < 0 || node >= count || walkedFrom[node] !== from) return steps;
    const cycle = cycleThrough(node, parentOfSpan, rank);
    parentOfSpan[cycle[0] as number] = -1;
    cycles.push(cycle);
    return steps + cycle.length;
  });
  return cycles;
}

/** The cycle through `node`, downward from its earliest member, whose parent is the last. */
function cycleThrough(node: number, parentOfSpan: Int32Array, rank: Int32Array): Int32Array {
  const upward = [node];
  let earliest = 0;
  for (let at = parentOfSpan[node] as number; at !== node; at = parentOfSpan[at] as number) {
    if ((rank[at] as number) < (rank[upward[earliest] as number] as number)) earliest = upward.length;
    upward.push(at);
  }
  return Int32Array.from(upward, (_, i) => upward[(earliest - i + upward.length) % upward.length] as number);
}

/** Children by start, and what stands at the top: each missing parent where its earliest child would stand. */
function* listChildren(parent: Int32Array, spanCount: number, byStart: Int32Array) {
  const childStart = new Int32Array(parent.length + 1);
  for (let node = 0; node < spanCount; node++) {
    const above = parent[node] as number;
    if (above !== -1) childStart[above + 1] = (childStart[above + 1] as number) + 1;
  }
  for (let node = 0; node < parent.length; node++) childStart[node + 1] = (childStart[node + 1] as number) + (childStart[node] as number);

  const childList = new Int32Array(childStart[parent.length] as number);
  const next = childStart.slice(0, parent.length);
  const tops: number[] = [];
  yield* visiting(spanCount, (at) => {
    const node = byStart[at] as number;
    const above = parent[node] as number;
    if (above === -1) tops.push(node);
    else {
      const place = next[above] as number;
      if (above >= spanCount && place === childStart[above]) tops.push(above);
      childList[place] = node;
      next[above] = place + 1;
    }
    return undefined;
  });
  return { childStart, childList, tops: Int32Array.from(tops) };
}

/** Pre-order without a stack: after a node comes its first child, else the next sibling of the nearest ancestor that has one. */
function* walkInReadingOrder(parent: Int32Array, childStart: Int32Array, childList: Int32Array, tops: Int32Array) {
  const order = new Int32Array(parent.length);
  const depth = new Int32Array(parent.length);
  const nextChild = childStart.slice(0, parent.length);
  let node = -1;
  let top = 0;
  yield* visiting(parent.length, (at) => {
    let steps = 0;
    while (node !== -1 && nextChild[node] === childStart[node + 1]) {
      node = parent[node] as number;
      steps++;
    }
    const above = node;
    if (above === -1) node = tops[top++] as number;
    else {
      const place = nextChild[above] as number;
      nextChild[above] = place + 1;
      node = childList[place] as number;
      depth[node] = (depth[above] as number) + 1;
    }
    order[at] = node;
    return steps;
  });
  return { order, depth };
}

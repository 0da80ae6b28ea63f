import type { LogRecord } from "@/lib/otel/log-record";
import type { Span, SpanRecord } from "@/lib/otel/span";
import type { TraceEvidence } from "./check";
import { indexOf } from "./evidence-index";
import { once } from "./once";
import type { ProcessEvidence } from "./process-evidence";

/**
 * Which process a span really ran in. Where a program forks with its SDK inside, records of the child may carry the parent's pid and
 * instance id (wire.md §2.5, W11):
 *
 *   connection 2   parent: process job |······        pid 1
 *   connection 3   child:    worker 1  |·*··          pid 1 in the span, pid 7 in its logs *: it ran in 7
 *   connection 4   child:    worker 2  |····          pid 1 and nothing else: only the connection tells it from its parent
 */
export interface Owners {
  /** The process of each span by number, or null when nothing is known of it. For a stale identity: what its own connections tell. */
  ofNode(node: number): ProcessEvidence | null;
  /** Upward from a node, the last span that ran in the same process without a break. */
  topOf(node: number): number;
  /** Whether the process is a forked child that the SDK let inherit its parent's identity. */
  isForkedCopy(process: ProcessEvidence): boolean;
}

export const ownersOf = once((evidence): Owners => {
  const { spans, tree } = evidence;
  const index = indexOf(evidence);
  const owners: (ProcessEvidence | null)[] = new Array(spans.length).fill(null);
  const forked = new Set<ProcessEvidence>();
  const groups = new ConnectionGroups();
  const tops = new Int32Array(spans.length);

  const trueOwner = (span: Span, named: ProcessEvidence, above: number): ProcessEvidence => {
    if (!index.sdkOf(named).mayFork) return named;
    const byLogs = childByLogs(evidence, span, named);
    if (byLogs !== null) return byLogs;
    const parent = spans[above];
    const parentOwner = owners[above];
    if (parent && parentOwner && parentOwner !== named && cameTheSameWay(span, parent)) return parentOwner;
    return groups.of(span, named, index.sdkOf(named)) ?? named;
  };
  for (const node of tree.order) {
    const span = spans[node];
    if (!span) continue;
    const above = tree.parent[node] as number;
    const named = index.processOf(span.processId);
    const owner = named && trueOwner(span, named, above);
    if (owner !== null && owner !== named) forked.add(owner);
    owners[node] = owner;
    tops[node] = above >= 0 && above < spans.length && owners[above] === owner ? (tops[above] as number) : node;
  }
  return {
    ofNode: (node) => owners[node] ?? null,
    topOf: (node) => tops[node] ?? node,
    isForkedCopy: (process) => forked.has(process) || sharesInstance(evidence, process),
  };
});

/** A child below a regrouped span belongs to the same process when the same connection brought both under the same name. */
const cameTheSameWay = (span: Span, parent: Span): boolean =>
  span.processId === parent.processId && firstRecord(span).connectionId === firstRecord(parent).connectionId;

const firstRecord = (span: Span): SpanRecord => span.records.find((record) => record.phase !== "end") ?? (span.records[0] as SpanRecord);

/** The process that wrote every log of a span, when it is another one with the span's own instance id and connection. */
function childByLogs(evidence: TraceEvidence, span: Span, named: ProcessEvidence): ProcessEvidence | null {
  const index = indexOf(evidence);
  const logs = index.logsBySpan.get(span.spanId);
  const first = logs?.[0];
  if (!logs || !first || first.processId === named.processId || logs.some((log) => log.processId !== first.processId)) return null;
  const writer = index.processOf(first.processId);
  if (writer === null || writer.serviceInstanceId === null || writer.serviceInstanceId !== named.serviceInstanceId) return null;
  return logs.some((log) => cameWith(log, firstRecord(span), named)) ? writer : null;
}

/** The log came in the span's request, or on its connection, and that was not the parent's own from before (a socket shared by fork). */
function cameWith(log: LogRecord, record: SpanRecord, named: ProcessEvidence): boolean {
  if (log.requestId === record.requestId) return true;
  if (log.connectionId !== record.connectionId) return false;
  const used = named.connections.find(({ connectionId }) => connectionId === record.connectionId);
  return used !== undefined && named.connections.some(({ openedMs }) => openedMs < used.openedMs);
}

function sharesInstance({ processes }: TraceEvidence, process: ProcessEvidence): boolean {
  if (process.serviceInstanceId === null) return false;
  for (const other of processes.values()) {
    if (other !== process && other.serviceInstanceId === process.serviceInstanceId && other.pid !== process.pid) return true;
  }
  return false;
}

/**
 * Where even the logs carry the parent's identity (logfire-python 2.6.2 to 4.39, wire.md §2.5 third row), the connection is the only
 * thing left that tells processes apart: a span whose connection lay open beside an older one of the same identity is taken to belong to
 * that connection. One evidence a connection, so that spans of one process share it.
 */
class ConnectionGroups {
  readonly #groups = new Map<string, ProcessEvidence>();

  of(span: Span, named: ProcessEvidence, { forkedIdentityIsStale }: { forkedIdentityIsStale: boolean }): ProcessEvidence | null {
    const { connectionId } = firstRecord(span);
    const own = named.connections.find((connection) => connection.connectionId === connectionId);
    if (!forkedIdentityIsStale || own === undefined) return null;
    const isBesideAnOlder = named.connections.some(
      ({ openedMs, closedMs, firstReceivedMs }) =>
        openedMs < own.openedMs && firstReceivedMs < own.firstReceivedMs && (closedMs === null || closedMs > own.firstReceivedMs),
    );
    if (!isBesideAnOlder) return null;
    const key = `${named.processId} ${connectionId}`;
    const known = this.#groups.get(key);
    if (known) return known;
    // What /proc says of the pid is said of the parent.
    const { firstReceivedMs, lastReceivedMs } = own;
    const group = { ...named, local: null, longestPauseMs: null, connections: [own], firstReceivedMs, lastReceivedMs };
    this.#groups.set(key, group);
    return group;
  }
}

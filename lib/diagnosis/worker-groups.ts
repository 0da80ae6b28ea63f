import type { LogRecord } from "@/lib/otel/log-record";
import type { Span } from "@/lib/otel/span";
import { msOf } from "@/lib/otel/time";
import { indexOf, templateOf } from "./evidence-index";
import { once } from "./once";
import { ownersOf } from "./owners";
import type { ProcessEvidence } from "./process-evidence";

/** One process that works below a span of another one, beside others like it. */
export interface Worker {
  process: ProcessEvidence;
  /** Its spans directly below the common parent, by start. */
  tops: Span[];
  /** Everything that ran in it, and its log records, by time; those it wrote into the common parent are there too. */
  spans: Span[];
  logs: LogRecord[];
  /** Its own clock, Unix ms: from its first to its last record. */
  firstMs: number;
  lastMs: number;
}

/**
 * Workers that do the same thing for one parent, each in a process of its own (wire.md W2 to W4):
 *
 *   load tables    |--------------------|    @main
 *     load #1        |-------|               @w1
 *     load #2        |----------|            @w2
 *     load #3        |--------|              @w3
 */
export interface WorkerGroup {
  /** The common parent: a span, or a missing one. */
  parentNode: number;
  template: string;
  workers: Worker[];
}

/** Fewer are no pattern. */
const WORKERS_MIN = 3;

export const workerGroupsOf = once((evidence): WorkerGroup[] => {
  const { spans, tree } = evidence;
  const owners = ownersOf(evidence);
  const byKey = new Map<string, { parentNode: number; template: string; tops: Map<ProcessEvidence, Span[]> }>();
  for (const node of tree.order) {
    const span = spans[node];
    const process = owners.ofNode(node);
    const parentNode = tree.parent[node] as number;
    if (!span || process === null || parentNode < 0 || owners.topOf(node) !== node) continue;
    const template = templateOf(span.name);
    const key = `${parentNode} ${template}`;
    const group = byKey.get(key) ?? { parentNode, template, tops: new Map<ProcessEvidence, Span[]>() };
    byKey.set(key, group);
    const tops = group.tops.get(process);
    if (tops) tops.push(span);
    else group.tops.set(process, [span]);
  }
  const groups = [...byKey.values()].filter(({ tops }) => tops.size >= WORKERS_MIN);
  if (groups.length === 0) return [];
  const work = workByProcess(evidence);
  return groups.map(({ parentNode, template, tops }) => ({
    parentNode,
    template,
    workers: [...tops].map(([process, own]) => ({
      process,
      tops: own,
      ...(work.get(process) ?? { spans: own, logs: [], firstMs: 0, lastMs: 0 }),
    })),
  }));
});

type Work = Omit<Worker, "process" | "tops">;

const workByProcess = once((evidence) => {
  const owners = ownersOf(evidence);
  const work = new Map<ProcessEvidence, Work>();
  const workOf = (process: ProcessEvidence) => {
    const own: Work = work.get(process) ?? { spans: [], logs: [], firstMs: Number.POSITIVE_INFINITY, lastMs: 0 };
    work.set(process, own);
    return own;
  };
  const see = (own: Work, ms: number) => {
    own.firstMs = Math.min(own.firstMs, ms);
    own.lastMs = Math.max(own.lastMs, ms);
  };
  for (const [node, span] of evidence.spans.entries()) {
    const process = owners.ofNode(node);
    if (process === null) continue;
    const own = workOf(process);
    own.spans.push(span);
    see(own, msOf(span.startTimeUnixNano));
    if (span.endTimeUnixNano !== null) see(own, msOf(span.endTimeUnixNano));
  }
  for (const log of evidence.logRecords) {
    const process = indexOf(evidence).processOf(log.processId);
    if (process === null) continue;
    const own = workOf(process);
    own.logs.push(log);
    see(own, msOf(log.timeUnixNano));
  }
  for (const own of work.values())
    own.logs.sort((a, b) => (a.timeUnixNano < b.timeUnixNano ? -1 : a.timeUnixNano > b.timeUnixNano ? 1 : 0));
  return work;
});

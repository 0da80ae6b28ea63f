import type { RemoteParentHabit, TraceEvidence } from "@/lib/diagnosis/check";
import type { ConnectionEvidence, ProcessEvidence } from "@/lib/diagnosis/process-evidence";
import { DEFAULT_SETTINGS, type DiagnosisSettings } from "@/lib/diagnosis/settings";
import type { LogRecord } from "@/lib/otel/log-record";
import { buildSpanTree } from "@/lib/span-tree/build-span-tree";
import { type DrawingOptions, drawLogs, drawTrace } from "./draw-trace";
import { ownIdOf, TEST_EPOCH_MS, TEST_TRACE_ID } from "./spans";

/** Connection `label` over loopback, opened as the drawing begins; say only what matters. Moments are ms after the drawing's begin. */
export function connectionEvidence(label: string, changes: Partial<ConnectionEvidence> = {}): ConnectionEvidence {
  const { openedMs = 0, closedMs = null, firstReceivedMs = openedMs, lastReceivedMs = firstReceivedMs } = changes;
  return {
    connectionId: ownIdOf(label),
    protocol: "http",
    peer: "127.0.0.1",
    userAgent: "logfire/4.41.0",
    tokenHash: null,
    closedBy: closedMs === null ? null : "client",
    direct: true,
    requests: 1,
    processIds: [ownIdOf(label)],
    ...changes,
    openedMs: TEST_EPOCH_MS + openedMs,
    closedMs: closedMs === null ? null : TEST_EPOCH_MS + closedMs,
    firstReceivedMs: TEST_EPOCH_MS + firstReceivedMs,
    lastReceivedMs: TEST_EPOCH_MS + lastReceivedMs,
  };
}

/** Process `label` (a Python program with Logfire) with one open connection; say only what matters. Moments are ms after the drawing's begin. */
export function processEvidence(label: string, changes: Partial<ProcessEvidence> = {}): ProcessEvidence {
  const { firstReceivedMs = 0, lastReceivedMs = firstReceivedMs, exitedMs = null, local = null, replacedBy = null } = changes;
  return {
    processId: ownIdOf(label),
    service: "shop",
    pid: null,
    serviceInstanceId: `instance of ${label}`,
    host: "host-1",
    sdkName: "opentelemetry",
    sdkLanguage: "python",
    sdkVersion: "1.44.0",
    logfireVersion: "4.41.0",
    userAgent: "logfire/4.41.0",
    longestPauseMs: null,
    pathReconnects: false,
    connections: [connectionEvidence(label, { firstReceivedMs, lastReceivedMs })],
    ...changes,
    firstReceivedMs: TEST_EPOCH_MS + firstReceivedMs,
    lastReceivedMs: TEST_EPOCH_MS + lastReceivedMs,
    exitedMs: exitedMs === null ? null : TEST_EPOCH_MS + exitedMs,
    local: local && {
      ...local,
      aliveAtMs: TEST_EPOCH_MS + local.aliveAtMs,
      goneAtMs: local.goneAtMs === null ? null : TEST_EPOCH_MS + local.goneAtMs,
    },
    replacedBy: replacedBy && { ...replacedBy, firstReceivedMs: TEST_EPOCH_MS + replacedBy.firstReceivedMs },
  };
}

export interface EvidenceOptions extends DrawingOptions {
  /** When the check looks, ms after the drawing's begin. */
  nowMs: number;
  settings?: Partial<DiagnosisSettings>;
  /** Processes that are not simply alive with an open connection. */
  processes?: ProcessEvidence[];
  neighbours?: ProcessEvidence[];
  logRecords?: LogRecord[];
  remoteParents?: Record<string, RemoteParentHabit>;
  baselines?: TraceEvidence["baselines"];
  isCut?: boolean;
  logHabits?: TraceEvidence["logHabits"];
  workerHabits?: TraceEvidence["workerHabits"];
  concurrentRoots?: TraceEvidence["concurrentRoots"];
  sameLowIds?: TraceEvidence["sameLowIds"];
  parentsElsewhere?: TraceEvidence["parentsElsewhere"];
  expected?: TraceEvidence["expected"];
}

/** What a check would see of `drawing` at `nowMs`: every process drawn is known, and lives unless `processes` says otherwise. */
export function drawEvidence(drawing: string, options: EvidenceOptions): TraceEvidence {
  const spans = drawTrace(drawing, options);
  const logRecords = options.logRecords ?? drawLogs(drawing, options);
  const records = spans.flatMap((span) => span.records);
  const arrivals = [...records, ...logRecords];
  const processes = new Map((options.processes ?? []).map((process) => [process.processId, process]));
  for (const { processId, service, receivedMs } of arrivals) {
    if (processes.has(processId)) continue;
    const own = arrivals.filter((record) => record.processId === processId);
    const received = {
      firstReceivedMs: receivedMs - TEST_EPOCH_MS,
      lastReceivedMs: Math.max(...own.map((record) => record.receivedMs)) - TEST_EPOCH_MS,
    };
    const connectionIds = [...new Set(own.map((record) => record.connectionId))];
    processes.set(processId, {
      ...processEvidence(processId, { service, ...received }),
      processId,
      connections: connectionIds.map((connectionId) => ({ ...connectionEvidence(processId, received), connectionId })),
    });
  }
  const received = arrivals.map((record) => record.receivedMs);
  return {
    traceId: options.traceId ?? TEST_TRACE_ID,
    nowMs: TEST_EPOCH_MS + options.nowMs,
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    spans,
    tree: buildSpanTree(spans),
    logRecords,
    processes,
    neighbours: new Map((options.neighbours ?? []).map((process) => [process.processId, process])),
    remoteParents: new Map(Object.entries(options.remoteParents ?? {})),
    callSites: new Map(),
    concurrentRoots: options.concurrentRoots ?? [],
    sameLowIds: options.sameLowIds ?? null,
    parentsElsewhere: options.parentsElsewhere ?? new Map(),
    baselines: options.baselines ?? new Map(),
    expected: options.expected ?? new Map(),
    logHabits: options.logHabits ?? new Map(),
    workerHabits: options.workerHabits ?? new Map(),
    firstReceivedMs: Math.min(...received),
    lastReceivedMs: Math.max(...received),
    isCut: options.isCut ?? false,
  };
}

import type { Db } from "@/db/client";
import { listProcessEvidence } from "@/db/queries/processes";
import {
  listHandshakes,
  listRejects,
  listSelfMetrics,
  listSenders,
  listTraceFindings,
  type SelfMetricRow,
} from "@/db/queries/scheduler/sources";
import { listRootRecords } from "@/db/queries/scheduler/surroundings";
import type { Kind } from "@/lib/diagnosis/finding";
import type { DiagnosisSettings } from "@/lib/diagnosis/settings";
import type { SelfMetric, SenderRoot, SourceEvidence } from "@/lib/diagnosis/source-check";
import { asksForRoots, rootsAskedFor } from "@/lib/diagnosis/source-checks/silent-worker";
import { PHASES } from "@/lib/otel/span";
import { unixNanoOfInt8 } from "@/lib/otel/time";

/** How far back a look at senders reaches: a run and what comes of it are over by then, or still being heard of. */
const WINDOW_MS = 900_000;
/** What one look reads of each, at most; with more, it reaches less far back. */
const SENDERS_MAX = 200;
const HANDSHAKES_MAX = 1_000;
const REJECTS_MAX = 500;
const TRACE_FINDINGS_MAX = 200;
const ROOTS_MAX = 200;
/** Whatever started workers that configure now was begun an hour ago at most. */
const ROOTS_BEFORE_MS = 3_600_000;

/** All that a look at a project's senders needs, in a handful of bounded statements. */
export async function loadSources(db: Db, projectId: number, settings: DiagnosisSettings, clock: () => number): Promise<SourceEvidence> {
  const since = clock() - WINDOW_MS;
  const within = (limit: number) => ({ projectId, sinceMs: since, limit });
  const [senders, handshakes, rejects, traceFindings] = await Promise.all([
    listSenders(db, within(SENDERS_MAX)),
    listHandshakes(db, within(HANDSHAKES_MAX)),
    listRejects(db, within(REJECTS_MAX)),
    listTraceFindings(db, within(TRACE_FINDINGS_MAX), ["silent-worker"]),
  ]);
  const ids = senders.map(({ processId }) => processId);
  const [processes, metrics] = await Promise.all([listProcessEvidence(db, ids), listSelfMetrics(db, ids)]);
  const byId = new Map(processes.map((process) => [process.processId, process]));
  const metricsOf = groupMetrics(metrics);
  const evidence: SourceEvidence = {
    nowMs: clock(),
    settings,
    sinceMs: Math.max(
      since,
      reachOf(
        senders.map(({ lastReceivedMs }) => lastReceivedMs),
        SENDERS_MAX,
      ),
      reachOf(
        handshakes.map(({ atMs }) => atMs),
        HANDSHAKES_MAX,
      ),
      reachOf(
        rejects.map(({ atMs }) => atMs),
        REJECTS_MAX,
      ),
    ),
    senders: senders.flatMap(({ processId, endedSpans, logs, trimmedSpans }) => {
      const process = byId.get(processId);
      return process ? [{ process, endedSpans, logs, trimmedSpans, metrics: metricsOf.get(processId) ?? [] }] : [];
    }),
    handshakes,
    rejects,
    roots: [],
    traceFindings: traceFindings.map((finding) => ({ ...finding, kind: finding.kind as Kind })),
  };
  return asksForRoots(evidence) ? { ...evidence, roots: await loadRoots(db, projectId, evidence) } : evidence;
}

/** Of a list that was cut off, the moment of its last: what is older was not read. */
const reachOf = (moments: readonly number[], limit: number): number => (moments.length < limit ? 0 : Math.min(...moments));

function groupMetrics(rows: readonly SelfMetricRow[]): Map<string, SelfMetric[]> {
  const byProcess = new Map<string, SelfMetric[]>();
  for (const { processId, name, attributes, value, receivedMs } of rows) {
    const metric = { name, attributes: attributesOf(attributes), value, receivedMs };
    const known = byProcess.get(processId);
    if (known) known.push(metric);
    else byProcess.set(processId, [metric]);
  }
  return byProcess;
}

const attributesOf = (json: string): Record<string, string> =>
  Object.fromEntries((JSON.parse(json) as [string, unknown][]).map(([key, value]) => [key, String(value)]));

async function loadRoots(db: Db, projectId: number, evidence: SourceEvidence): Promise<SenderRoot[]> {
  const { services, sinceMs } = rootsAskedFor(evidence);
  const fromMs = Math.max(sinceMs, evidence.sinceMs - ROOTS_BEFORE_MS);
  const roots = new Map<string, SenderRoot>();
  for (const record of await listRootRecords(db, { projectId, services, fromMs, toMs: evidence.nowMs, limit: ROOTS_MAX })) {
    const { traceId, spanId, name, processId, receivedMs } = record;
    const phase = PHASES[record.phase];
    const end = phase === "end" && record.endNs !== null ? unixNanoOfInt8(record.endNs) : null;
    const known = roots.get(traceId);
    if (!known) {
      const startTimeUnixNano = unixNanoOfInt8(record.startNs);
      const startReceivedMs = phase === "start" ? receivedMs : null;
      const endReceivedMs = end === null ? null : receivedMs;
      roots.set(traceId, { traceId, spanId, name, processId, startTimeUnixNano, endTimeUnixNano: end, startReceivedMs, endReceivedMs });
      continue;
    }
    if (phase === "start") known.startReceivedMs ??= receivedMs;
    // Several ends: forked copies end earlier (wire.md L5).
    if (end !== null && (known.endTimeUnixNano === null || end > known.endTimeUnixNano)) {
      known.endTimeUnixNano = end;
      known.endReceivedMs = receivedMs;
    }
  }
  return [...roots.values()];
}

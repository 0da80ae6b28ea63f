import type { CommitRows } from "@/db/queries/ingest/commit";
import type { ConnectionProcessRow, ProcessRow } from "@/db/queries/ingest/processes";
import type { MinuteRow } from "@/db/queries/ingest/requests";
import { newId } from "./ids";
import { type ResourceCounts, TraceSummer } from "./trace-summer";
import type { Outcome, WriteItem } from "./write-item";

const MINUTE_MS = 60_000;

/** A request of a group, and whether its body is new. */
export interface GroupedItem {
  item: WriteItem;
  outcome: Outcome;
}

/**
 * What a group commit writes beside the records themselves. A duplicate leaves its request row and, when the process itself sent it again, a
 * sign of life; nothing else.
 */
export function commitRowsOf(group: readonly GroupedItem[], projectId: number, ingestId: string, nowMs: number): CommitRows {
  const summer = new TraceSummer();
  const processes = new Map<bigint, ProcessRow>();
  const connectionProcesses = new Map<string, ConnectionProcessRow>();
  const minutes = new Map<string, MinuteRow>();
  const ledger: CommitRows["ledger"] = [];

  for (const { item, outcome } of group) {
    if (outcome === "stored" || item.connection.direct) addProcesses(processes, connectionProcesses, item);
    if (outcome === "duplicate") continue;
    const services = item.resources.map((resource) => resource.service);
    const counts = summer.add(item.batch, services, item.receivedMs);
    for (const [i, count] of counts.entries()) {
      addCounts(processes.get(item.processIds[i] as bigint), count, item.signal);
      const minute = minuteOf(minutes, item.receivedMs, services[i] as string);
      minute.spans += count.spans;
      minute.logs += count.logs;
      minute.errors += count.errors;
    }
    if (item.batch.rejectedCount > 0) minuteOf(minutes, item.receivedMs, services[0] ?? "").rejected += item.batch.rejectedCount;
    if (item.bodySha) ledger.push({ bodySha: item.bodySha, receivedMs: item.receivedMs });
  }
  const traces = summer.result();
  return {
    projectId,
    ledger,
    requests: group.map(({ item, outcome }) => ({ ...item.request, outcome })),
    connections: [...new Set(group.map(({ item }) => item.connection))].map((connection) => connection.toRow(ingestId)),
    processes: [...processes.values()],
    connectionProcesses: [...connectionProcesses.values()],
    traces,
    minutes: [...minutes.values()],
    arrival: arrivalOf(traces, [...processes.keys()], nowMs),
  };
}

function addProcesses(processes: Map<bigint, ProcessRow>, links: Map<string, ConnectionProcessRow>, item: WriteItem): void {
  const { receivedMs, connection } = item;
  const seen = new Set<bigint>();
  for (const [i, processId] of item.processIds.entries()) {
    if (seen.has(processId)) continue;
    seen.add(processId);
    const known = processes.get(processId);
    if (known) {
      known.longestPauseMs = Math.max(known.longestPauseMs ?? 0, receivedMs - known.lastReceivedMs);
      known.lastReceivedMs = Math.max(known.lastReceivedMs, receivedMs);
    } else processes.set(processId, processRow(processId, item, i));

    const key = `${connection.id}/${processId}`;
    const link = links.get(key) ?? {
      connectionId: connection.id,
      processId,
      firstReceivedMs: receivedMs,
      lastReceivedMs: receivedMs,
      requests: 0,
    };
    link.lastReceivedMs = Math.max(link.lastReceivedMs, receivedMs);
    link.requests += 1;
    links.set(key, link);
  }
}

/** Log lines that came as spans are counted with them, as the SDK counts them (wire.md W5, T32). */
function addCounts(process: ProcessRow | undefined, { spans, logs, trimmed }: ResourceCounts, signal: WriteItem["signal"]): void {
  if (!process) return;
  process.endedSpans += signal === "traces" ? spans + logs : spans;
  if (signal === "logs") process.logs += logs;
  process.trimmedSpans += trimmed;
}

function processRow(id: bigint, { receivedMs, request, resources, scopes }: WriteItem, i: number): ProcessRow {
  const resource = resources[i] as WriteItem["resources"][number];
  const { service, instanceId, pid, host, sdkName, sdkLanguage, sdkVersion, exit } = resource;
  return {
    id,
    service,
    instanceId,
    pid,
    host,
    sdkName,
    sdkLanguage,
    sdkVersion,
    logfireVersion: resource.logfireVersion ?? versionByScope(resources, scopes),
    userAgent: request.userAgent,
    resourceId: resource.id,
    firstReceivedMs: receivedMs,
    lastReceivedMs: receivedMs,
    longestPauseMs: null,
    exitedMs: exit === "unknown" ? receivedMs : exit,
    endedSpans: 0,
    logs: 0,
    trimmedSpans: 0,
  };
}

/**
 * Logfire names its version in its scope, older ones there only. Told of one process alone: a Collector puts several into one request.
 */
function versionByScope(resources: WriteItem["resources"], scopes: WriteItem["scopes"]): string | null {
  if (resources.length !== 1) return null;
  return scopes.find(({ name }) => name === "logfire")?.version || null;
}

function minuteOf(minutes: Map<string, MinuteRow>, receivedMs: number, service: string): MinuteRow {
  const minuteMs = receivedMs - (receivedMs % MINUTE_MS);
  const key = `${minuteMs}/${service}`;
  const minute = minutes.get(key) ?? { minuteMs, service, spans: 0, logs: 0, errors: 0, rejected: 0 };
  minutes.set(key, minute);
  return minute;
}

function arrivalOf({ count, ids, starts, heartbeats }: CommitRows["traces"], processIds: bigint[], nowMs: number): CommitRows["arrival"] {
  if (count === 0 && processIds.length === 0) return null;
  const traceIds = Array.from({ length: count }, (_, i) => ids.subarray(i * 16, i * 16 + 16));
  const openTraceIds = traceIds.filter((_, i) => starts[i] || heartbeats[i]);
  return { id: newId(), atMs: nowMs, what: "records", traceIds, openTraceIds, processIds };
}

import type { ConcurrentRoot, RemoteParentHabit, SameLowIds, SpanElsewhere, TraceEvidence } from "@/lib/diagnosis/check";
import { asksForConcurrentRoots, workerRootOf } from "@/lib/diagnosis/concurrent-roots";
import { asksForParentsElsewhere, soleParents } from "@/lib/diagnosis/parents-elsewhere";
import type { ConnectionEvidence, ProcessEvidence } from "@/lib/diagnosis/process-evidence";
import type { DiagnosisSettings } from "@/lib/diagnosis/settings";
import type { SourceEvidence, TraceFinding } from "@/lib/diagnosis/source-check";
import type { LogRecord } from "@/lib/otel/log-record";
import type { RecordBatch, ResourceEntry } from "@/lib/otel/record-batch";
import type { SpanRecord } from "@/lib/otel/span";
import { decodeLogsJson, decodeMetricsJson, decodeTracesJson } from "@/lib/otlp/json";
import { MalformedBody } from "@/lib/otlp/malformed-body";
import { decodeLogs, decodeMetrics, decodeTraces } from "@/lib/otlp/protobuf";
import { decodeZipkin } from "@/lib/otlp/zipkin";
import { buildSpanTree } from "@/lib/span-tree/build-span-tree";
import { resolveSpans } from "@/lib/span-tree/resolve-spans";
import { recordsOf } from "./batch-records";
import { bodyOf, type CaptureEvent } from "./capture";
import { RecordedSources, tokenHashOf } from "./recorded-sources";

type Request = CaptureEvent & { event: "request" };
interface Known extends Omit<ProcessEvidence, "connections" | "pathReconnects"> {
  onConnections: Map<number, { firstReceivedMs: number; lastReceivedMs: number; requests: number }>;
}

/** A clean exit comes back 3 to 15 ms after its close; what stays away longer and comes back is a path that reconnects. */
const COMEBACK_MS = 100;

/** What Spanwatch would have stored of recorded traffic, kept in memory and on the recording's clock: for scoring the checks in a second. */
export class RecordedServer {
  readonly traces = new Map<string, { spans: SpanRecord[]; logs: LogRecord[]; firstReceivedMs: number; lastReceivedMs: number }>();
  readonly habits = new Map<string, RemoteParentHabit>();
  readonly #connections = new Map<number, ConnectionEvidence>();
  readonly #processes = new Map<string, Known>();
  /** Spans that were reported with links. */
  readonly #linked = new Set<string>();
  /** Traces of which a parent was found in another one. */
  readonly #foundElsewhere = new Set<string>();
  readonly #sources = new RecordedSources();
  #requests = 0;

  open(event: CaptureEvent & { event: "open" }, atMs: number): void {
    this.#connections.set(event.conn, {
      connectionId: String(event.conn),
      protocol: event.proto ?? "http",
      peer: "127.0.0.1",
      userAgent: "",
      tokenHash: null,
      openedMs: atMs,
      closedMs: null,
      closedBy: null,
      direct: true,
      firstReceivedMs: atMs,
      lastReceivedMs: atMs,
      requests: 0,
      processIds: [],
    });
  }

  /** @returns traces of processes that the connection carried. */
  close(event: CaptureEvent & { event: "close" }, atMs: number): string[] {
    const connection = this.#connections.get(event.conn);
    if (!connection) return [];
    connection.closedMs = atMs;
    connection.closedBy = event.by === "error" ? "reset" : event.by;
    return [...this.traces]
      .filter(([, { spans }]) => spans.some(({ processId }) => connection.processIds.includes(processId)))
      .map(([id]) => id);
  }

  /** Bytes that were no request. */
  noteGarbage(event: CaptureEvent & { event: "garbage" }, atMs: number): void {
    this.#sources.noteReject(event, atMs);
  }

  /** @returns traces that got records, and whether any of them was a start or a heartbeat. */
  receive(event: Request, atMs: number): { traceId: string; isOpen: boolean }[] {
    const connection = this.#connections.get(event.conn);
    if (!connection) return [];
    const userAgent = event.headers["user-agent"] ?? "";
    connection.tokenHash = tokenHashOf(event.headers);
    if (event.method === "GET") {
      this.#sources.noteHandshake(event, atMs);
      return [];
    }
    if (/metrics/i.test(event.path)) this.#receiveMetrics(event, connection, atMs);
    const batch = decode(event);
    if (batch === "unreadable") this.#sources.noteReject(event, atMs);
    if (batch === null || batch === "unreadable") return [];
    connection.userAgent = userAgent;
    if (/collector|logfire-proxy/i.test(userAgent) || event.headers["x-forwarded-for"]) connection.direct = false;
    const processIds = batch.resources.map((resource) => this.#note(withVersion(resource, batch), event, userAgent, atMs, connection));
    const requestId = String(this.#requests++);
    const { spans, logs } = recordsOf(batch, { receivedMs: atMs, requestId, connectionId: String(event.conn), processIds });
    for (const [i, span] of spans.entries()) if ((batch.spans.linksLength[i] as number) > 0) this.#linked.add(span.spanId);
    for (const [i, { processId, phase }] of spans.entries()) {
      const isTrimmed = (batch.spans.droppedCount[i] as number) > 0;
      if (phase === "end") this.#sources.count(processId, { endedSpans: 1, trimmedSpans: isTrimmed ? 1 : 0 });
    }
    for (const { processId } of logs) this.#sources.count(processId, /trace/i.test(event.path) ? { endedSpans: 1 } : { logs: 1 });
    const changed = new Map<string, boolean>();
    for (const span of spans) {
      this.#trace(span.traceId, atMs).spans.push(span);
      changed.set(span.traceId, changed.get(span.traceId) || span.phase !== "end");
    }
    for (const log of logs) {
      if (log.traceId === null) continue;
      this.#trace(log.traceId, atMs).logs.push(log);
      if (!changed.has(log.traceId)) changed.set(log.traceId, false);
    }
    return [...changed].map(([traceId, isOpen]) => ({ traceId, isOpen }));
  }

  sourceEvidence(traceFindings: readonly TraceFinding[], nowMs: number, settings: DiagnosisSettings): SourceEvidence {
    const senders = [...this.#processes.keys()].map((id) => this.#evidence(id));
    const records = [...this.traces.values()].map(({ spans }) => spans);
    return this.#sources.evidenceOf(senders, records, traceFindings, nowMs, settings);
  }

  #receiveMetrics(event: Request, connection: ConnectionEvidence, atMs: number): void {
    const body = bodyOf(event);
    if (body === null) return;
    const userAgent = event.headers["user-agent"] ?? "";
    const { resources, points } = (event.headers["content-type"] ?? "").includes("json") ? decodeMetricsJson(body) : decodeMetrics(body);
    const processIds = resources.map((resource) => this.#note(resource, event, userAgent, atMs, connection));
    for (const { resource, name, attributes, value, isDelta } of points) {
      const told = attributes.map((attribute) => [attribute.key, "value" in attribute.value ? String(attribute.value.value) : ""]);
      const metric = { name, attributes: Object.fromEntries(told), value, receivedMs: atMs };
      this.#sources.noteMetric(processIds[resource] as string, metric, isDelta);
    }
  }

  evidenceOf(traceId: string, nowMs: number, settings: DiagnosisSettings): TraceEvidence {
    const trace = this.traces.get(traceId);
    if (!trace) throw new Error(`no trace ${traceId}`);
    const spans = resolveSpans(trace.spans, trace.logs);
    const ids = new Set([...trace.spans, ...trace.logs].map(({ processId }) => processId));
    const all = [...this.#processes.keys()].map((id) => [id, this.#evidence(id)] as const);
    const evidence: TraceEvidence = {
      traceId,
      nowMs,
      settings,
      spans,
      tree: buildSpanTree(spans),
      logRecords: trace.logs,
      processes: new Map(all.filter(([id]) => ids.has(id))),
      neighbours: new Map(all.filter(([id]) => !ids.has(id))),
      remoteParents: this.habits,
      callSites: new Map(),
      concurrentRoots: [],
      expected: new Map(),
      sameLowIds: null,
      parentsElsewhere: new Map(),
      baselines: new Map(),
      logHabits: new Map(),
      workerHabits: new Map(),
      firstReceivedMs: trace.firstReceivedMs,
      lastReceivedMs: trace.lastReceivedMs,
      isCut: false,
    };
    const sameLowIds = this.#sameLowIds(evidence);
    return {
      ...evidence,
      parentsElsewhere: sameLowIds === null ? this.#parentsElsewhere(evidence) : new Map(),
      concurrentRoots: asksForConcurrentRoots(evidence) ? this.#rootsBeside(evidence) : [],
      sameLowIds,
    };
  }

  /** As lib/scheduler/load-parents-elsewhere.ts; a recording is so short that all of its traces are near. */
  #parentsElsewhere(evidence: TraceEvidence): Map<string, SpanElsewhere> {
    const { traceId, tree, spans } = evidence;
    if (!asksForParentsElsewhere(evidence) && !this.#foundElsewhere.has(traceId)) return new Map();
    const others = [...this.traces].filter(([id]) => id !== traceId).map(([, trace]) => resolveSpans(trace.spans, trace.logs));
    const found = soleParents(tree.missing, new Set(spans.map(({ spanId }) => spanId)), others.flat());
    if (found.size > 0) this.#foundElsewhere.add(traceId);
    return found;
  }

  #sameLowIds({ traceId, tree }: TraceEvidence): SameLowIds | null {
    if (!traceId.startsWith("0".repeat(16))) return null;
    const whole = [...this.traces].find(([id]) => id !== traceId && id.endsWith(traceId.slice(16)));
    if (!whole) return null;
    const there = new Set(whole[1].spans.map(({ spanId }) => spanId));
    return { traceId: whole[0], spanIds: tree.missing.filter((spanId) => there.has(spanId)) };
  }

  #rootsBeside(evidence: TraceEvidence): ConcurrentRoot[] {
    const services = new Set(evidence.spans.map(({ service }) => service));
    if (this.#linked.has(workerRootOf(evidence)?.spanId ?? "")) return [];
    return [...this.traces].flatMap(([traceId, trace]) =>
      traceId === evidence.traceId
        ? []
        : resolveSpans(trace.spans, trace.logs)
            .filter((span) => span.parentSpanId === null && services.has(span.service))
            .map((span) => ({ ...span, connectionId: span.records[0]?.connectionId ?? "", hasLinks: this.#linked.has(span.spanId) })),
    );
  }

  #trace(traceId: string, atMs: number) {
    let trace = this.traces.get(traceId);
    if (!trace) {
      trace = { spans: [], logs: [], firstReceivedMs: atMs, lastReceivedMs: atMs };
      this.traces.set(traceId, trace);
    }
    trace.lastReceivedMs = atMs;
    return trace;
  }

  #note(resource: ResourceEntry, event: Request, userAgent: string, atMs: number, connection: ConnectionEvidence): string {
    const { serviceInstanceId, pid, host, service } = resource;
    const isNameless = serviceInstanceId === null && pid === null;
    const id = JSON.stringify([serviceInstanceId, pid, host, service, isNameless ? event.conn : null]);
    let known = this.#processes.get(id);
    if (known) known.logfireVersion ??= resource.logfireVersion;
    if (!known) {
      const { sdkName, sdkLanguage, sdkVersion, logfireVersion } = resource;
      const names = { service, pid, serviceInstanceId, host, sdkName, sdkLanguage, sdkVersion, logfireVersion, userAgent };
      const times = { firstReceivedMs: atMs, lastReceivedMs: atMs, longestPauseMs: null, exitedMs: null };
      known = { processId: id, ...names, ...times, local: null, replacedBy: null, onConnections: new Map() };
      this.#processes.set(id, known);
    } else if (atMs > known.lastReceivedMs) {
      known.longestPauseMs = Math.max(known.longestPauseMs ?? 0, atMs - known.lastReceivedMs);
    }
    known.lastReceivedMs = atMs;
    const carried = known.onConnections.get(event.conn) ?? { firstReceivedMs: atMs, lastReceivedMs: atMs, requests: 0 };
    known.onConnections.set(event.conn, { ...carried, lastReceivedMs: atMs, requests: carried.requests + 1 });
    if (!connection.processIds.includes(id)) connection.processIds.push(id);
    return id;
  }

  #evidence(id: string): ProcessEvidence {
    const { onConnections, ...known } = this.#processes.get(id) as Known;
    const connections = [...onConnections].map(([conn, carried]) => ({
      ...(this.#connections.get(conn) as ConnectionEvidence),
      ...carried,
    }));
    return { ...known, connections, pathReconnects: this.#pathReconnects(known.service) };
  }

  /** As db/queries/processes.ts: some process of the service had no connection for a while, and opened another. */
  #pathReconnects(service: string): boolean {
    const stories = new Map<string, ConnectionEvidence[]>();
    for (const known of this.#processes.values()) {
      if (known.service !== service) continue;
      const key = known.pid === null && known.serviceInstanceId === null ? "nameless" : known.processId;
      const story = stories.get(key) ?? [];
      story.push(...[...known.onConnections.keys()].map((conn) => this.#connections.get(conn) as ConnectionEvidence));
      stories.set(key, story);
    }
    return [...stories.values()].some(hasComeBack);
  }
}

/** As lib/ingest/commit-rows.ts: older versions of Logfire name themselves in their scope only. */
function withVersion(resource: ResourceEntry, { resources, scopes }: RecordBatch): ResourceEntry {
  const scope = resources.length === 1 ? scopes.find(({ name }) => name === "logfire") : undefined;
  return { ...resource, logfireVersion: resource.logfireVersion ?? (scope?.version || null) };
}

function hasComeBack(connections: ConnectionEvidence[]): boolean {
  let busyUntilMs = Number.POSITIVE_INFINITY;
  for (const { openedMs, closedMs, closedBy } of connections.sort((a, b) => a.openedMs - b.openedMs)) {
    if (openedMs > busyUntilMs + COMEBACK_MS) return true;
    const untilMs = closedMs === null || closedBy === "server" ? Number.POSITIVE_INFINITY : closedMs;
    busyUntilMs = busyUntilMs === Number.POSITIVE_INFINITY ? untilMs : Math.max(busyUntilMs, untilMs);
  }
  return false;
}

function decode(event: Request): RecordBatch | "unreadable" | null {
  const body = bodyOf(event);
  if (body === null) return "unreadable";
  if (body.length === 0) return null;
  const isJson = (event.headers["content-type"] ?? "").includes("json");
  try {
    if (event.path.startsWith("/api/v2/spans")) return decodeZipkin(body);
    if (/trace/i.test(event.path)) return isJson ? decodeTracesJson(body) : decodeTraces(body);
    if (/logs/i.test(event.path)) return isJson ? decodeLogsJson(body) : decodeLogs(body);
    return null;
  } catch (error) {
    if (error instanceof MalformedBody) return "unreadable";
    throw error;
  }
}

import type { Db } from "@/db/client";
import { listLogRecordsOfTraces } from "@/db/queries/logs";
import { listBaselines, listLogHabits } from "@/db/queries/open-spans";
import { listProcessEvidence } from "@/db/queries/processes";
import { listRemoteParentHabits } from "@/db/queries/scheduler/habits";
import {
  listFirstAttributes,
  listFirstReceivedMs,
  listLatestProcessIds,
  listRecentProcessIds,
  listStoredCallSites,
} from "@/db/queries/scheduler/surroundings";
import { listSpanRecordsOfTraces } from "@/db/queries/spans";
import { type Baseline, baselineKey } from "@/lib/diagnosis/baseline";
import type { CallSite, TraceEvidence } from "@/lib/diagnosis/check";
import { namesUnknownSpan } from "@/lib/diagnosis/log-only-spans";
import type { ProcessEvidence } from "@/lib/diagnosis/process-evidence";
import type { DiagnosisSettings } from "@/lib/diagnosis/settings";
import type { SpanId, TraceId } from "@/lib/otel/ids";
import type { LogRecord } from "@/lib/otel/log-record";
import type { Span, SpanRecord } from "@/lib/otel/span";
import { buildingSpanTree } from "@/lib/span-tree/build-span-tree";
import { resolvingSpans } from "@/lib/span-tree/resolve-spans";
import type { SpanTree } from "@/lib/span-tree/span-tree";
import { inTurns } from "@/lib/traces/in-turns";
import { callSiteOf, callSiteOfText } from "./call-site";
import { ConcurrentRoots } from "./load-concurrent-roots";
import { loadExpected } from "./load-expected";
import { withSurroundings } from "./load-surroundings";

/** Neighbours of one service that are looked at; a web service may have had thousands. */
const NEIGHBOURS_MAX = 20;
/** Processes that fell silent so long before the trace began have nothing to do with it. */
const NEIGHBOURS_BEFORE_MS = 60_000;
/** A caller that reports only ends may have been at its call for so long. */
const CALLERS_BEFORE_MS = 600_000;
/** … and meanwhile others may have been heard of later. */
const CALLERS_MAX = 60;
/** Spans whose call site is read in one look; the others get theirs in the next. */
const CALL_SITES_MAX = 500;

const NONE_EXPECTED: TraceEvidence["expected"] = new Map();

interface Known {
  traceId: TraceId;
  spans: Span[];
  tree: SpanTree;
  logRecords: LogRecord[];
  firstReceivedMs: number;
  lastReceivedMs: number;
}

/**
 * All that a look at these traces of one project needs, read in a handful of statements for all of them. Traces of which nothing is stored
 * (any more) are not in the list.
 */
export async function loadEvidence(
  db: Db,
  projectId: number,
  traceIds: readonly TraceId[],
  settings: DiagnosisSettings,
  clock: () => number,
): Promise<TraceEvidence[]> {
  const [records, logs] = await Promise.all([
    listSpanRecordsOfTraces(db, projectId, traceIds),
    listLogRecordsOfTraces(db, projectId, traceIds),
  ]);
  const known: Known[] = [];
  for (const traceId of traceIds) {
    const one = await conclude(traceId, records.get(traceId) ?? [], logs.get(traceId) ?? []);
    if (one !== null) known.push(one);
  }
  const asking = known.filter(isAsking);
  const quietSinceMs = clock() - settings.settleMs;
  const [processes, neighbours, baselines, logHabits, callSites, habits, expected, cut] = await Promise.all([
    loadProcesses(db, known.flatMap(processIdsOf)),
    loadNeighbours(db, projectId, asking),
    loadBaselines(db, projectId, asking),
    loadLogHabits(
      db,
      projectId,
      known.filter(({ lastReceivedMs }) => lastReceivedMs <= quietSinceMs),
    ),
    loadCallSites(db, projectId, asking),
    loadHabits(db, projectId, known),
    loadExpected(db, projectId, asking),
    loadCut(db, asking, clock()),
  ]);
  const nowMs = clock();
  const evidence = known.map((one): TraceEvidence => {
    const ids = new Set(processIdsOf(one));
    return {
      ...one,
      nowMs,
      settings,
      processes: pick(processes, ids),
      neighbours: asking.includes(one) ? neighboursOf(one, ids, neighbours) : new Map(),
      baselines,
      logHabits,
      workerHabits: new Map(),
      callSites,
      expected: expected.get(one.traceId) ?? NONE_EXPECTED,
      concurrentRoots: [],
      sameLowIds: null,
      parentsElsewhere: new Map(),
      remoteParents: habits,
      isCut: cut.has(one.traceId),
    };
  });
  const roots = new ConcurrentRoots(db, projectId);
  return Promise.all(evidence.map((one) => withSurroundings(db, projectId, one, roots)));
}

/** Nothing younger is ever deleted (`SPANWATCH_RETENTION_DAYS` is a day at least); and less than this apart, two moments are one. */
const KEPT_MS = 24 * 3_600_000;
const CUT_MS = 60_000;

/** Traces whose first records are older than the retention and gone. */
async function loadCut(db: Db, asking: readonly Known[], nowMs: number): Promise<Set<TraceId>> {
  if (asking.length === 0) return new Set();
  const began = await listFirstReceivedMs(
    db,
    asking.map(({ traceId }) => traceId),
  );
  const isCut = ({ traceId, firstReceivedMs }: Known) => {
    const beganMs = began.get(traceId) ?? firstReceivedMs;
    return beganMs < nowMs - KEPT_MS && beganMs < firstReceivedMs - CUT_MS;
  };
  return new Set(asking.filter(isCut).map(({ traceId }) => traceId));
}

async function conclude(traceId: TraceId, records: SpanRecord[], logRecords: LogRecord[]): Promise<Known | null> {
  let firstReceivedMs = Number.POSITIVE_INFINITY;
  let lastReceivedMs = 0;
  for (const list of [records, logRecords]) {
    for (const { receivedMs } of list) {
      firstReceivedMs = Math.min(firstReceivedMs, receivedMs);
      lastReceivedMs = Math.max(lastReceivedMs, receivedMs);
    }
  }
  if (lastReceivedMs === 0) return null;
  const spans = await inTurns(resolvingSpans(records, logRecords));
  const tree = await inTurns(buildingSpanTree(spans));
  return { traceId, spans, tree, logRecords, firstReceivedMs, lastReceivedMs };
}

/** Whether something is open or missing: only then does it matter what went on around. */
const isAsking = ({ spans, tree, logRecords }: Known): boolean =>
  tree.missing.length > 0 || spans.some((span) => span.endTimeUnixNano === null) || namesUnknownSpan(spans, tree.missing, logRecords);

function processIdsOf({ spans, logRecords }: Known): string[] {
  const ids = new Set<string>();
  for (const { records } of spans) for (const { processId } of records) ids.add(processId);
  for (const { processId } of logRecords) ids.add(processId);
  return [...ids];
}

function servicesOf({ spans }: Known): Set<string> {
  return new Set(spans.map(({ service }) => service));
}

async function loadProcesses(db: Db, ids: readonly string[]): Promise<Map<string, ProcessEvidence>> {
  return new Map((await listProcessEvidence(db, ids)).map((process) => [process.processId, process]));
}

function neighboursOf(one: Known, own: ReadonlySet<string>, all: ReadonlyMap<string, ProcessEvidence>): Map<string, ProcessEvidence> {
  const services = servicesOf(one);
  const isOfAny = lacksCaller(one);
  return new Map([...all].filter(([id, { service }]) => !own.has(id) && (isOfAny || services.has(service))));
}

/** Whether something was served or consumed whose caller is missing: that may be of any service. */
const lacksCaller = ({ spans, tree }: Known): boolean =>
  tree.missing.length > 0 &&
  spans.some(({ kind }, node) => (kind === "server" || kind === "consumer") && (tree.parent[node] as number) >= tree.spanCount);

async function loadNeighbours(db: Db, projectId: number, asking: readonly Known[]): Promise<Map<string, ProcessEvidence>> {
  if (asking.length === 0) return new Map();
  const services = [...new Set(asking.flatMap((one) => [...servicesOf(one)]))];
  const firstMs = Math.min(...asking.map(({ firstReceivedMs }) => firstReceivedMs));
  const ids = await listRecentProcessIds(db, { projectId, services, sinceMs: firstMs - NEIGHBOURS_BEFORE_MS, limit: NEIGHBOURS_MAX });
  if (!asking.some(lacksCaller)) return loadProcesses(db, ids);
  const callers = await listLatestProcessIds(db, { projectId, sinceMs: firstMs - CALLERS_BEFORE_MS, limit: CALLERS_MAX });
  return loadProcesses(db, [...new Set([...ids, ...callers])]);
}

async function loadBaselines(db: Db, projectId: number, asking: readonly Known[]): Promise<Map<string, Baseline>> {
  const likes = new Map<string, { service: string; name: string }>();
  for (const { spans } of asking) {
    for (const { service, name, endTimeUnixNano } of spans)
      if (endTimeUnixNano === null) likes.set(baselineKey(service, name), { service, name });
  }
  if (likes.size === 0) return new Map();
  const rows = await listBaselines(db, projectId, [...likes.values()]);
  return new Map(rows.map(({ service, name, closedCount, buckets }) => [baselineKey(service, name), { count: closedCount, buckets }]));
}

/** Names of closed spans without logs of which one look asks what is usual. */
const LOGLESS_NAMES_MAX = 500;

/** Whether spans that came without logs usually have some; once a trace is quiet, for until then they may still come. */
async function loadLogHabits(db: Db, projectId: number, quiet: readonly Known[]): Promise<TraceEvidence["logHabits"]> {
  const likes = new Map<string, { service: string; name: string }>();
  for (const { spans, logRecords } of quiet) {
    const logged = new Set(logRecords.map(({ spanId }) => spanId));
    for (const { service, name, spanId, endTimeUnixNano } of spans) {
      if (endTimeUnixNano === null || logged.has(spanId)) continue;
      if (likes.size < LOGLESS_NAMES_MAX) likes.set(baselineKey(service, name), { service, name });
    }
  }
  if (likes.size === 0) return new Map();
  const rows = await listLogHabits(db, projectId, [...likes.values()]);
  return new Map(rows.map(({ service, name, ...habit }) => [baselineKey(service, name), habit]));
}

/** Where open spans, and the children of missing ones, were opened: as stored by the last look, else from their first report. */
async function loadCallSites(db: Db, projectId: number, asking: readonly Known[]): Promise<Map<SpanId, CallSite>> {
  const sites = new Map<SpanId, CallSite>();
  const wanted = new Map(asking.flatMap(spansInQuestion).map((span) => [span.spanId, span]));
  if (wanted.size === 0) return sites;
  for (const { spanId, callSite } of await listStoredCallSites(
    db,
    asking.map(({ traceId }) => traceId),
  )) {
    const site = callSite === null ? null : callSiteOfText(callSite);
    if (site) sites.set(spanId, site);
    wanted.delete(spanId);
  }
  const asked = [...wanted.values()].slice(0, CALL_SITES_MAX);
  for (const { spanId, attributes } of asked.length === 0 ? [] : await listFirstAttributes(db, projectId, asked)) {
    const site = callSiteOf(attributes);
    if (site) sites.set(spanId, site);
  }
  return sites;
}

function spansInQuestion({ spans, tree }: Known): Span[] {
  const open = spans.filter((span) => span.endTimeUnixNano === null);
  const firstChildren = tree.missing.flatMap(
    (_, i) => spans[tree.childList[tree.childStart[tree.spanCount + i] as number] as number] ?? [],
  );
  return [...open, ...firstChildren];
}

async function loadHabits(db: Db, projectId: number, known: readonly Known[]): Promise<TraceEvidence["remoteParents"]> {
  const services = new Set(known.filter(({ tree }) => tree.missing.length > 0).flatMap((one) => [...servicesOf(one)]));
  if (services.size === 0) return new Map();
  return new Map((await listRemoteParentHabits(db, projectId, [...services])).map(({ service, ...habit }) => [service, habit]));
}

const pick = <K, V>(from: ReadonlyMap<K, V>, keys: Iterable<K>): Map<K, V> => {
  const picked = new Map<K, V>();
  for (const key of keys) {
    const value = from.get(key);
    if (value !== undefined) picked.set(key, value);
  }
  return picked;
};

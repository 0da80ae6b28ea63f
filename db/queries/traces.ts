import type { Db } from "@/db/client";
import type { TraceId } from "@/lib/otel/ids";
import { bytesOf, readRows, readTuples } from "./prepared";

/** A trace's summary. Times are the 64 bits that OTLP sent, as signed decimal text. */
export interface TraceRow {
  traceId: TraceId;
  firstReceivedMs: number;
  lastReceivedMs: number;
  startNs: string | null;
  endNs: string | null;
  spanCount: number;
  errorCount: number;
  logCount: number;
  openCount: number;
  missingCount: number;
  rootService: string | null;
  rootName: string | null;
  services: string[];
  settledMs: number | null;
  findingCount: number;
  worstSeverity: string | null;
  kinds: string[];
}

const COLUMNS = `trace_id as "traceId", first_received_ms::float8 as "firstReceivedMs", last_received_ms::float8 as "lastReceivedMs",
  start_ns as "startNs", end_ns as "endNs", span_count as "spanCount", error_count as "errorCount", log_count as "logCount",
  open_count as "openCount", missing_count as "missingCount", root_service as "rootService", root_name as "rootName", services,
  settled_ms::float8 as "settledMs", finding_count as "findingCount", worst_severity as "worstSeverity", kinds`;

/** A trace's summary, or null when the project has no such trace. */
export async function findTrace(db: Db, projectId: number, traceId: TraceId): Promise<TraceRow | null> {
  const rows = await readRows<TraceRow>(db, "trace", `select ${COLUMNS} from trace where trace_id = $1 and project_id = $2`, [
    traceId,
    projectId,
  ]);
  return rows[0] ?? null;
}

/** What traces are looked for; what is null is not asked for. */
export interface TraceFilter {
  projectId: number;
  fromMs: number | null;
  toMs: number | null;
  service: string | null;
  rootName: string | null;
  hasErrors: boolean | null;
  minDurationNs: string | null;
  maxDurationNs: string | null;
  /** Any of these kinds of findings. */
  kinds: readonly string[] | null;
  isOpen: boolean | null;
  isSettled: boolean | null;
  hasFindings: boolean | null;
  /** Part of the root's name or service. */
  text: string | null;
  traceId: TraceId | null;
}

/** Where a list goes on: after this trace. */
export interface TracePlace {
  firstReceivedMs: number;
  traceId: TraceId;
}

/** A page of traces, the latest to begin arriving first. Each filter that is set is one condition, so that partial indexes are found. */
export function listTraces(db: Db, filter: TraceFilter, after: TracePlace | null, limit: number): Promise<TraceRow[]> {
  const { conditions, values, bind } = conditionsOf(filter);
  if (after !== null) conditions.push(`(first_received_ms, trace_id) < (${bind(after.firstReceivedMs)}, ${bind(after.traceId)}::uuid)`);
  const text = `select ${COLUMNS} from trace where ${conditions.join(" and ")}
    order by first_received_ms desc, trace_id desc limit ${bind(limit)}`;
  // The name follows the text: as many statements as there are kinds of questions, not as there are questions.
  return readRows<TraceRow>(db, `traces ${digest(text)}`, text, values);
}

function conditionsOf(filter: TraceFilter) {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const conditions = [`project_id = ${bind(filter.projectId)}`];
  const add = (value: unknown, condition: (place: string) => string) => {
    if (value !== null) conditions.push(condition(bind(value)));
  };
  const given = (value: boolean | null, yes: string, no: string) => {
    if (value !== null) conditions.push(value ? yes : no);
  };
  add(filter.fromMs, (place) => `first_received_ms >= ${place}`);
  add(filter.toMs, (place) => `first_received_ms <= ${place}`);
  add(filter.service, (place) => `${place} = any(services)`);
  add(filter.rootName, (place) => `root_name = ${place}`);
  given(filter.hasErrors, "error_count > 0", "error_count = 0");
  add(filter.minDurationNs, (place) => `${DURATION} >= ${place}`);
  add(filter.maxDurationNs, (place) => `${DURATION} <= ${place}`);
  add(filter.kinds, (place) => `kinds && ${place}::text[] and finding_count > 0`);
  given(filter.isOpen, "open_count > 0", "open_count = 0");
  given(filter.isSettled, "settled_ms >= last_received_ms", "(settled_ms is null or settled_ms < last_received_ms)");
  given(filter.hasFindings, "finding_count > 0", "finding_count = 0");
  add(filter.text, (place) => `position(lower(${place}) in lower(coalesce(root_name, '') || ' ' || coalesce(root_service, ''))) > 0`);
  add(filter.traceId, (place) => `trace_id = ${place}`);
  return { conditions, values, bind };
}

/** ns; null where a time is missing or past 2262, so that no such trace passes a bound. */
const DURATION = "(case when start_ns > 0 and end_ns >= start_ns then end_ns - start_ns end)";

function digest(text: string): string {
  let hash = 5381;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 33) ^ text.charCodeAt(i)) | 0;
  return `${(hash >>> 0).toString(36)}-${text.length}`;
}

/** One wanted attribute, as bytes that OTLP may have encoded it to: those of its key, and those of each value it may stand for. */
export interface WantedBytes {
  key: Uint8Array;
  values: readonly Uint8Array[];
  /** Resources that have the attribute, whose spans need not have it themselves. */
  resourceIds: readonly string[];
}

/** A trace in which more span records than this look right but are not is not found. */
const LOOKALIKES_MAX = 50;

/**
 * Span records of these traces whose attributes, or whose resource, may have all that is wanted: the bytes occur, which the caller has to
 * check exactly. Reads the span records of these traces, 0.7 million a second (performance.md §4.1), each trace till it has enough.
 */
export async function listSpansWithBytes(
  db: Db,
  projectId: number,
  traceIds: readonly TraceId[],
  wanted: readonly WantedBytes[],
): Promise<{ traceId: TraceId; resourceId: string; attributes: Uint8Array }[]> {
  const values: unknown[] = [traceIds, projectId];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const occurs = (bytes: Uint8Array) => `position(${bind(Buffer.from(bytes))}::bytea in attributes) > 0`;
  const conditions = wanted.map(
    (one) => `(resource_id = any(${bind(one.resourceIds)}::int8[]) or (${occurs(one.key)} and (${one.values.map(occurs).join(" or ")})))`,
  );
  const rows = await readTuples<[TraceId, string, string | null]>(
    db,
    `spans with ${wanted.map((one) => one.values.length).join(" ")}`,
    `select asked.trace_id, found.resource_id, found.attributes
     from unnest($1::uuid[]) as asked (trace_id)
     cross join lateral (
       select resource_id, attributes from span_record
       where span_record.trace_id = asked.trace_id and project_id = $2 and ${conditions.join(" and ")}
       limit ${LOOKALIKES_MAX}
     ) as found`,
    values,
  );
  return rows.map(([traceId, resourceId, attributes]) => ({ traceId, resourceId, attributes: bytesOf(attributes) }));
}

/** Resources in whose attributes the bytes occur, with these attributes; at most `limit`. */
export async function listResourcesWithBytes(
  db: Db,
  wanted: Pick<WantedBytes, "key" | "values">,
  limit: number,
): Promise<{ resourceId: string; attributes: Uint8Array }[]> {
  const values: unknown[] = [limit];
  const occurs = (bytes: Uint8Array) => `position($${values.push(Buffer.from(bytes))}::bytea in attributes) > 0`;
  const rows = await readTuples<[string, string]>(
    db,
    `resources with ${wanted.values.length}`,
    `select id, attributes from resource where ${occurs(wanted.key)} and (${wanted.values.map(occurs).join(" or ")}) limit $1`,
    values,
  );
  return rows.map(([resourceId, attributes]) => ({ resourceId, attributes: bytesOf(attributes) }));
}

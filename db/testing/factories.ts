import type { Db } from "@/db/client";
import { makePartitions } from "@/db/partitions";
import { type Attribute, encodeKeyValue } from "@/lib/otel/attributes";
import { NO_TRACE_ID } from "@/lib/otel/ids";
import type { LogRecord } from "@/lib/otel/log-record";
import { DIALECTS, PHASES, SPAN_KINDS, type SpanRecord, STATUS_CODES } from "@/lib/otel/span";

/** Tags of attributes in Span, of events and links in Span, of attributes in LogRecord. */
const SPAN_ATTRIBUTES = 9;
const LOG_ATTRIBUTES = 6;

interface Stored {
  spans?: readonly SpanRecord[];
  logs?: readonly LogRecord[];
  projectId?: number;
  /** What each record carries beyond its columns. */
  attributesOf?: (record: SpanRecord | LogRecord) => readonly Attribute[];
  /** Raw OTLP fields of Span. */
  eventsOf?: (record: SpanRecord) => Uint8Array;
  linksOf?: (record: SpanRecord) => Uint8Array;
}

/**
 * Stores records as ingest would: rows, the summaries of their traces, their processes, resources, scopes and connections. Partitions for
 * the days on which they arrived are made.
 */
export async function storeRecords(db: Db, stored: Stored): Promise<void> {
  const { spans = [], logs = [], projectId = 1 } = stored;
  const days = new Set([...spans, ...logs].map((record) => Math.floor(record.receivedMs / 86_400_000)));
  for (const day of days) await makePartitions(db, day * 86_400_000);
  await insertRows(
    db,
    "span_record",
    spans.map((record) => spanRow(record, projectId, stored)),
  );
  await insertRows(
    db,
    "log_record",
    logs.map((record) => logRow(record, projectId, stored)),
  );
  await storeSenders(db, [...spans, ...logs], projectId);
  await storeSummaries(db, stored, projectId);
}

function spanRow(record: SpanRecord, projectId: number, { attributesOf, eventsOf, linksOf }: Stored) {
  return {
    received_ms: record.receivedMs,
    start_ns: int8Of(record.startTimeUnixNano),
    end_ns: record.endTimeUnixNano === null ? null : int8Of(record.endTimeUnixNano),
    request_id: record.requestId,
    connection_id: record.connectionId,
    process_id: record.processId,
    resource_id: record.resourceId,
    scope_id: record.scopeId,
    trace_id: record.traceId,
    project_id: projectId,
    flags: record.flags | 0,
    marks: record.marks,
    heartbeat_every_ms: record.heartbeatEveryMs,
    dropped_count: 0,
    phase: PHASES.indexOf(record.phase),
    dialect: DIALECTS.indexOf(record.dialect),
    kind: SPAN_KINDS.indexOf(record.kind),
    status_code: STATUS_CODES.indexOf(record.statusCode),
    span_id: byteaOf(Buffer.from(record.spanId, "hex")),
    parent_span_id: record.parentSpanId === null ? null : byteaOf(Buffer.from(record.parentSpanId, "hex")),
    service: record.service,
    name: record.name,
    status_message: record.statusMessage,
    attributes: byteaOf(encodeAttributes(attributesOf?.(record) ?? [], SPAN_ATTRIBUTES)),
    events: byteaOf(eventsOf?.(record) ?? new Uint8Array()),
    links: byteaOf(linksOf?.(record) ?? new Uint8Array()),
  };
}

function logRow(record: LogRecord, projectId: number, { attributesOf }: Stored) {
  return {
    received_ms: record.receivedMs,
    time_ns: int8Of(record.timeUnixNano),
    request_id: record.requestId,
    connection_id: record.connectionId,
    process_id: record.processId,
    resource_id: record.resourceId,
    scope_id: "0",
    trace_id: record.traceId ?? NO_TRACE_ID,
    project_id: projectId,
    flags: record.flags | 0,
    marks: 0,
    severity_number: record.severityNumber,
    span_id: record.spanId === null ? null : byteaOf(Buffer.from(record.spanId, "hex")),
    service: record.service,
    severity_text: record.severityText,
    event_name: record.eventName,
    message: record.message,
    template: record.template,
    attributes: byteaOf(encodeAttributes(attributesOf?.(record) ?? [], LOG_ATTRIBUTES)),
  };
}

/** Processes, resources, scopes and connections of records, each named once; what is there already is kept. */
async function storeSenders(db: Db, records: readonly (SpanRecord | LogRecord)[], projectId: number): Promise<void> {
  const one = <T>(keyOf: (record: SpanRecord | LogRecord) => string, rowOf: (record: SpanRecord | LogRecord) => T) =>
    [...new Map(records.map((record) => [keyOf(record), record])).values()].map(rowOf);
  const times = (those: (record: SpanRecord | LogRecord) => boolean) => {
    const moments = records.filter(those).map((record) => record.receivedMs);
    return { first: Math.min(...moments), last: Math.max(...moments), requests: moments.length };
  };
  await insertRows(
    db,
    "process",
    one(
      (record) => record.processId,
      ({ processId, service, resourceId }) => {
        const { first, last } = times((record) => record.processId === processId);
        return {
          id: processId,
          project_id: projectId,
          service,
          user_agent: "OTel-OTLP-Exporter-Python/1.44.0",
          resource_id: resourceId,
          first_received_ms: first,
          last_received_ms: last,
          sdk_name: "opentelemetry",
          sdk_language: "python",
        };
      },
    ),
  );
  await insertRows(
    db,
    "resource",
    one(
      (record) => record.resourceId,
      ({ resourceId, service }) => ({
        id: resourceId,
        service,
        attributes: byteaOf(encodeAttributes([textAttribute("service.name", service)], 1)),
        schema_url: "",
        first_received_ms: 0,
      }),
    ),
  );
  await insertRows(
    db,
    "scope",
    one(
      (record) => ("scopeId" in record ? record.scopeId : "0"),
      (record) => ({
        id: "scopeId" in record ? record.scopeId : "0",
        name: "tests",
        version: "1",
        attributes: "\\x",
        schema_url: "",
      }),
    ),
  );
  await insertRows(
    db,
    "connection",
    one(
      (record) => record.connectionId,
      ({ connectionId }) => {
        const { first, last, requests } = times((record) => record.connectionId === connectionId);
        return {
          id: connectionId,
          protocol: "http",
          peer: "127.0.0.1",
          peer_port: 1,
          user_agent: "OTel-OTLP-Exporter-Python/1.44.0",
          direct: true,
          opened_ms: first,
          last_request_ms: last,
          requests,
          ingest_id: "tests",
        };
      },
    ),
  );
  await insertRows(
    db,
    "connection_process",
    one(
      (record) => `${record.connectionId} ${record.processId}`,
      ({ connectionId, processId }) => {
        const { first, last, requests } = times((record) => record.connectionId === connectionId && record.processId === processId);
        return { connection_id: connectionId, process_id: processId, first_received_ms: first, last_received_ms: last, requests };
      },
    ),
  );
}

/** Summaries, counted from the records themselves; exact as long as no report came twice. */
async function storeSummaries(db: Db, { spans = [], logs = [] }: Stored, projectId: number): Promise<void> {
  const byTrace = new Map<string, { spans: SpanRecord[]; logs: LogRecord[] }>();
  const of = (traceId: string) => {
    const known = byTrace.get(traceId) ?? { spans: [], logs: [] };
    byTrace.set(traceId, known);
    return known;
  };
  for (const span of spans) of(span.traceId).spans.push(span);
  for (const log of logs) if (log.traceId !== null) of(log.traceId).logs.push(log);
  await insertRows(
    db,
    "trace",
    [...byTrace].map(([traceId, those]) => summaryRow(traceId, those.spans, those.logs, projectId)),
  );
}

function summaryRow(traceId: string, spans: readonly SpanRecord[], logs: readonly LogRecord[], projectId: number) {
  const received = [...spans, ...logs].map((record) => record.receivedMs).sort((a, b) => a - b);
  const starts = spans.map((span) => span.startTimeUnixNano).sort(compare);
  const ends = spans.flatMap((span) => span.endTimeUnixNano ?? []).sort(compare);
  const root = spans.find((span) => span.parentSpanId === null);
  const ended = new Set(spans.filter((span) => span.phase === "end").map((span) => span.spanId));
  const ids = new Set(spans.map((span) => span.spanId));
  return {
    trace_id: traceId,
    project_id: projectId,
    first_received_ms: received[0],
    last_received_ms: received.at(-1),
    start_ns: starts[0] === undefined ? null : int8Of(starts[0]),
    end_ns: ends.length === 0 ? null : int8Of(ends.at(-1) as bigint),
    span_count: ids.size,
    error_count: spans.filter((span) => span.statusCode === "error").length,
    log_count: logs.length,
    open_count: ids.size - ended.size,
    root_service: root?.service ?? null,
    root_name: root?.name ?? null,
    services: [...new Set(spans.map((span) => span.service))],
    kinds: [],
    missing_count: 0,
    finding_count: 0,
    start_records: spans.length - ended.size,
    end_records: ended.size,
  };
}

/** Inserts rows as JSON has them; what is there already stays. Columns that are not given take their defaults. */
export async function insertRows(db: Db, table: string, rows: readonly object[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).join(", ");
  for (let at = 0; at < rows.length; at += 5_000) {
    await db.$client.query(
      `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1::json) on conflict do nothing`,
      [JSON.stringify(rows.slice(at, at + 5_000))],
    );
  }
}

/** A stored finding; say only what matters to the test. */
export async function storeFinding(db: Db, changes: { id: string; group_id?: string } & Record<string, unknown>): Promise<void> {
  const sentence = { id: "process.silence", args: {} };
  const row = {
    project_id: 1,
    kind: "abandoned-span",
    family: "unclosed",
    severity: "error",
    certainty: "likely",
    state: "open",
    subject: "0000000000000001",
    service: "shop",
    span_name: "job",
    trace_id: null,
    span_ids: [],
    missing_span_id: null,
    process_id: null,
    title: sentence,
    count: 1,
    cause: "process-died",
    causes: [{ id: "process-died", certainty: "likely", because: sentence }],
    evidence: [{ sentence, ref: null }],
    advice: [],
    retracted_by: sentence,
    group_id: "group",
    opened_ms: 1_000,
    last_evidence_ms: 1_000,
    closed_ms: null,
    closed_because: null,
    proposed_parents: null,
    ...changes,
  };
  const { project_id, kind, family, service, span_name, cause } = row;
  await insertRows(db, "finding_group", [
    { id: row.group_id, project_id, kind, family, service, span_name, cause, first_seen_ms: row.opened_ms, last_seen_ms: row.opened_ms },
  ]);
  await insertRows(db, "finding", [row]);
}

/** Attributes as OTLP bytes, with the tag that they have in their message. */
function encodeAttributes(attributes: readonly Attribute[], field: number): Uint8Array {
  return Buffer.concat(attributes.map(({ key, value }) => encodeKeyValue(key, value, field)));
}

const textAttribute = (key: string, value: string): Attribute => ({ key, value: { type: "string", value } });
const int8Of = (time: bigint): string => BigInt.asIntN(64, time).toString();
const byteaOf = (bytes: Uint8Array): string | null => (bytes.length === 0 ? null : `\\x${Buffer.from(bytes).toString("hex")}`);
const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

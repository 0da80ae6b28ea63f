import { int4Array, int8Array, msArray, textArray } from "../../binary-array";
import { type Part, unnest } from "./part";

export interface ProcessRow {
  id: bigint;
  service: string;
  instanceId: string | null;
  pid: number | null;
  host: string | null;
  sdkName: string | null;
  sdkLanguage: string | null;
  sdkVersion: string | null;
  logfireVersion: string | null;
  userAgent: string;
  resourceId: bigint;
  /** Of the requests of this commit. */
  firstReceivedMs: number;
  lastReceivedMs: number;
  /** Longest pause between the requests of this commit; null when there was only one. */
  longestPauseMs: number | null;
  /** An exit that the data tells of. */
  exitedMs: number | null;
  /** What this commit stores of it: ends of spans with the log lines that came among them, records of logs, spans its SDK had trimmed. */
  endedSpans: number;
  logs: number;
  trimmedSpans: number;
}

const TYPES = [
  "int8",
  "text",
  "text",
  "int8",
  "text",
  "text",
  "text",
  "text",
  "text",
  "text",
  "int8",
  "int8",
  "int8",
  "int8",
  "int8",
  "int8",
  "int8",
  "int8",
] as const;

/** The pause between two commits is the database's to know: it alone remembers over restarts and several ingests. */
export const processesPart: Part<ProcessRow[]> = {
  size: TYPES.length,
  sql: (from) => `
    insert into process (project_id, id, service, instance_id, pid, host, sdk_name, sdk_language, sdk_version, logfire_version, user_agent, resource_id,
      first_received_ms, last_received_ms, longest_pause_ms, exited_ms, ended_spans, logs, trimmed_spans)
    select $1::int4, * from ${unnest(from, TYPES)} as given (id) order by id
    on conflict (id) do update set
      last_received_ms = greatest(process.last_received_ms, excluded.last_received_ms),
      longest_pause_ms = greatest(process.longest_pause_ms, excluded.longest_pause_ms, excluded.first_received_ms - process.last_received_ms, 0),
      user_agent = excluded.user_agent,
      logfire_version = coalesce(process.logfire_version, excluded.logfire_version),
      exited_ms = coalesce(excluded.exited_ms, process.exited_ms),
      ended_spans = process.ended_spans + excluded.ended_spans,
      logs = process.logs + excluded.logs,
      trimmed_spans = process.trimmed_spans + excluded.trimmed_spans`,
  values: (rows) => [
    int8Array(rows.map((row) => row.id)),
    textArray(rows.map((row) => row.service)),
    textArray(rows.map((row) => row.instanceId)),
    msArray(rows.map((row) => row.pid)),
    textArray(rows.map((row) => row.host)),
    textArray(rows.map((row) => row.sdkName)),
    textArray(rows.map((row) => row.sdkLanguage)),
    textArray(rows.map((row) => row.sdkVersion)),
    textArray(rows.map((row) => row.logfireVersion)),
    textArray(rows.map((row) => row.userAgent)),
    int8Array(rows.map((row) => row.resourceId)),
    msArray(rows.map((row) => row.firstReceivedMs)),
    msArray(rows.map((row) => row.lastReceivedMs)),
    msArray(rows.map((row) => row.longestPauseMs)),
    msArray(rows.map((row) => row.exitedMs)),
    msArray(rows.map((row) => row.endedSpans)),
    msArray(rows.map((row) => row.logs)),
    msArray(rows.map((row) => row.trimmedSpans)),
  ],
};

/** One process's requests on one connection, within this commit. */
export interface ConnectionProcessRow {
  connectionId: bigint;
  processId: bigint;
  firstReceivedMs: number;
  lastReceivedMs: number;
  requests: number;
}

export const connectionProcessesPart: Part<ConnectionProcessRow[]> = {
  size: 5,
  sql: (from) => `
    insert into connection_process (connection_id, process_id, first_received_ms, last_received_ms, requests)
    select * from ${unnest(from, ["int8", "int8", "int8", "int8", "int4"])} as given (connection_id, process_id)
    order by process_id, connection_id
    on conflict (process_id, connection_id) do update set
      last_received_ms = greatest(connection_process.last_received_ms, excluded.last_received_ms),
      requests = connection_process.requests + excluded.requests`,
  values: (rows) => [
    int8Array(rows.map((row) => row.connectionId)),
    int8Array(rows.map((row) => row.processId)),
    msArray(rows.map((row) => row.firstReceivedMs)),
    msArray(rows.map((row) => row.lastReceivedMs)),
    int4Array(rows.map((row) => row.requests)),
  ],
};

import { byteaArray, int4Array, int8Array, msArray, textArray } from "../../binary-array";
import { type Part, unnest } from "./part";

export interface RequestRow {
  id: bigint;
  receivedMs: number;
  connectionId: bigint;
  path: string;
  userAgent: string;
  encoding: string;
  wireBytes: number;
  bodyBytes: number;
  spans: number;
  logs: number;
  rejected: number;
  status: number;
  /** `duplicate`: the same body was committed before; answered alike and not stored again. */
  outcome: "stored" | "duplicate";
}

const TYPES = ["int8", "int8", "int8", "text", "text", "text", "int4", "int4", "int4", "int4", "int4", "int4", "text"] as const;

export const requestsPart: Part<RequestRow[]> = {
  size: TYPES.length,
  sql: (from) => `
    insert into request (project_id, id, received_ms, connection_id, path, user_agent, encoding, wire_bytes, body_bytes, spans, logs, rejected, status,
      outcome)
    select $1::int4, * from ${unnest(from, TYPES)}`,
  values: (rows) => [
    int8Array(rows.map((row) => row.id)),
    msArray(rows.map((row) => row.receivedMs)),
    int8Array(rows.map((row) => row.connectionId)),
    textArray(rows.map((row) => row.path)),
    textArray(rows.map((row) => row.userAgent)),
    textArray(rows.map((row) => row.encoding)),
    int4Array(rows.map((row) => row.wireBytes)),
    int4Array(rows.map((row) => row.bodyBytes)),
    int4Array(rows.map((row) => row.spans)),
    int4Array(rows.map((row) => row.logs)),
    int4Array(rows.map((row) => row.rejected)),
    int4Array(rows.map((row) => row.status)),
    textArray(rows.map((row) => row.outcome)),
  ],
};

export interface LedgerRow {
  /** SHA-256 of project, path and decoded body. */
  bodySha: Buffer;
  receivedMs: number;
}

/** Returns one row for each body that is new. */
export const ledgerPart: Part<LedgerRow[]> = {
  size: 2,
  sql: (from) => `
    insert into request_ledger (body_sha, received_ms)
    select * from ${unnest(from, ["bytea", "int8"])} as given (body_sha, received_ms) order by body_sha
    on conflict do nothing
    returning 1`,
  values: (rows) => [byteaArray(rows.map((row) => row.bodySha)), msArray(rows.map((row) => row.receivedMs))],
};

/** Minute rows of GET /api/stats. */
export interface MinuteRow {
  minuteMs: number;
  service: string;
  spans: number;
  logs: number;
  errors: number;
  rejected: number;
}

export const minutesPart: Part<MinuteRow[]> = {
  size: 6,
  sql: (from) => `
    insert into ingest_minute (project_id, minute_ms, service, spans, logs, errors, rejected)
    select $1::int4, * from ${unnest(from, ["int8", "text", "int8", "int8", "int8", "int8"])} as given (minute_ms, service)
    order by minute_ms, service
    on conflict (project_id, minute_ms, service) do update set
      spans = ingest_minute.spans + excluded.spans,
      logs = ingest_minute.logs + excluded.logs,
      errors = ingest_minute.errors + excluded.errors,
      rejected = ingest_minute.rejected + excluded.rejected`,
  values: (rows) => [
    msArray(rows.map((row) => row.minuteMs)),
    textArray(rows.map((row) => row.service)),
    msArray(rows.map((row) => row.spans)),
    msArray(rows.map((row) => row.logs)),
    msArray(rows.map((row) => row.errors)),
    msArray(rows.map((row) => row.rejected)),
  ],
};

import { boolArray, byteaArray, int4Array, int8Array, msArray, textArray } from "../../binary-array";
import { type Part, unnest } from "./part";

/** A TCP connection as it stands: written again whenever something about it changed. */
export interface ConnectionRow {
  id: bigint;
  protocol: "http" | "grpc";
  peer: string;
  peerPort: number;
  userAgent: string;
  direct: boolean;
  openedMs: number;
  closedMs: number | null;
  closedBy: "client" | "reset" | "server" | null;
  lastRequestMs: number | null;
  requests: number;
  ingestId: string;
  /** SHA-256 of the token that its requests brought. */
  tokenHash: Buffer | null;
}

const TYPES = ["int8", "text", "text", "int4", "text", "bool", "int8", "int8", "text", "int8", "int4", "text", "bytea"] as const;

export const connectionsPart: Part<ConnectionRow[]> = {
  size: TYPES.length,
  sql: (from) => `
    insert into connection (id, protocol, peer, peer_port, user_agent, direct, opened_ms, closed_ms, closed_by, last_request_ms, requests, ingest_id,
      token_hash)
    select * from ${unnest(from, TYPES)} as given (id) order by id
    on conflict (id) do update set
      user_agent = excluded.user_agent,
      direct = excluded.direct,
      closed_ms = excluded.closed_ms,
      closed_by = excluded.closed_by,
      last_request_ms = greatest(connection.last_request_ms, excluded.last_request_ms),
      requests = greatest(connection.requests, excluded.requests),
      token_hash = excluded.token_hash`,
  values: (rows) => [
    int8Array(rows.map((row) => row.id)),
    textArray(rows.map((row) => row.protocol)),
    textArray(rows.map((row) => row.peer)),
    int4Array(rows.map((row) => row.peerPort)),
    textArray(rows.map((row) => row.userAgent)),
    boolArray(rows.map((row) => row.direct)),
    msArray(rows.map((row) => row.openedMs)),
    msArray(rows.map((row) => row.closedMs)),
    textArray(rows.map((row) => row.closedBy)),
    msArray(rows.map((row) => row.lastRequestMs)),
    int4Array(rows.map((row) => row.requests)),
    textArray(rows.map((row) => row.ingestId)),
    byteaArray(rows.map((row) => row.tokenHash)),
  ],
};

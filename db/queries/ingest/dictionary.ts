import { byteaArray, int8Array, textArray } from "../../binary-array";
import type { Statement } from "../../write-connection";
import { unnest } from "./part";

interface ResourceRow {
  id: bigint;
  service: string;
  attributesBytes: Uint8Array;
  schemaUrl: string;
}

/** Writes the resources that are not there yet. */
export const insertResources = (rows: readonly ResourceRow[], nowMs: number): Statement => ({
  name: "resources",
  text: `
    insert into resource (id, service, attributes, schema_url, first_received_ms)
    select *, $1::int8 from ${unnest(2, ["int8", "text", "bytea", "text"])} as given (id) order by id
    on conflict do nothing`,
  values: [
    String(nowMs),
    int8Array(rows.map((row) => row.id)),
    textArray(rows.map((row) => row.service)),
    byteaArray(rows.map((row) => row.attributesBytes)),
    textArray(rows.map((row) => row.schemaUrl)),
  ],
});

interface ScopeRow {
  id: bigint;
  name: string;
  version: string;
  attributesBytes: Uint8Array;
  schemaUrl: string;
}

/** Writes the instrumentation scopes that are not there yet. */
export const insertScopes = (rows: readonly ScopeRow[]): Statement => ({
  name: "scopes",
  text: `
    insert into scope (id, name, version, attributes, schema_url)
    select * from ${unnest(1, ["int8", "text", "text", "bytea", "text"])} as given (id) order by id
    on conflict do nothing`,
  values: [
    int8Array(rows.map((row) => row.id)),
    textArray(rows.map((row) => row.name)),
    textArray(rows.map((row) => row.version)),
    byteaArray(rows.map((row) => row.attributesBytes)),
    textArray(rows.map((row) => row.schemaUrl)),
  ],
});

import type { Db } from "@/db/client";
import { bytesOf, readTuples } from "./prepared";

export interface ResourceContent {
  attributes: Uint8Array;
  schemaUrl: string;
}

export interface ScopeContent extends ResourceContent {
  name: string;
  version: string;
}

/** Resources by id; attributes are OTLP bytes. */
export async function listResources(db: Db, ids: readonly string[]): Promise<Map<string, ResourceContent>> {
  const rows = await readTuples<[id: string, attributes: string, schemaUrl: string]>(
    db,
    "resources",
    "select id, attributes, schema_url from resource where id = any($1::int8[])",
    [ids],
  );
  return new Map(rows.map(([id, attributes, schemaUrl]) => [id, { attributes: bytesOf(attributes), schemaUrl }]));
}

/** Instrumentation scopes by id; attributes are OTLP bytes. */
export async function listScopes(db: Db, ids: readonly string[]): Promise<Map<string, ScopeContent>> {
  const rows = await readTuples<[id: string, name: string, version: string, attributes: string, schemaUrl: string]>(
    db,
    "scopes",
    "select id, name, version, attributes, schema_url from scope where id = any($1::int8[])",
    [ids],
  );
  return new Map(
    rows.map(([id, name, version, attributes, schemaUrl]) => [id, { name, version, attributes: bytesOf(attributes), schemaUrl }]),
  );
}

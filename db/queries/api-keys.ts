import type pg from "pg";
import type { Db } from "@/db/client";

interface ApiKeyRow {
  id: string;
  projectId: number;
  scope: "ingest" | "read" | "admin";
  revokedMs: number | null;
  lastUsedMs: number | null;
}

const COLUMNS = `id, project_id as "projectId", scope, revoked_ms::float8 as "revokedMs", last_used_ms::float8 as "lastUsedMs"`;

/** The key with this hash, revoked ones included, or null. */
export async function findApiKeyByHash(db: Db, hash: Buffer): Promise<ApiKeyRow | null> {
  const { rows } = await db.$client.query<ApiKeyRow>(`select ${COLUMNS} from api_key where hash = $1`, [hash]);
  return rows[0] ?? null;
}

/** The key with this id, revoked ones included, or null. */
export async function findApiKey(db: Db, id: string): Promise<ApiKeyRow | null> {
  const { rows } = await db.$client.query<ApiKeyRow>(`select ${COLUMNS} from api_key where id = $1`, [id]);
  return rows[0] ?? null;
}

/** Notes that a key was used; the caller sees to it that this is rare. */
export async function updateApiKeyLastUsed(db: Db, id: string, nowMs: number): Promise<void> {
  await db.$client.query("update api_key set last_used_ms = $2 where id = $1", [id, nowMs]);
}

export interface NewApiKey {
  id: string;
  projectId: number;
  name: string;
  scope: "ingest" | "read" | "admin";
  hash: Buffer;
  hint: string;
  createdMs: number;
}

/** Stores a key. */
export async function insertApiKey(db: Db, key: NewApiKey): Promise<void> {
  await insert(db.$client, key);
}

/** From now on, nobody is let in with this key. */
export async function revokeApiKey(db: Db, id: string, nowMs: number): Promise<void> {
  await db.$client.query("update api_key set revoked_ms = $2 where id = $1 and revoked_ms is null", [id, nowMs]);
}

/**
 * Stores the keys if there is none at all yet, in one transaction with `before`, which runs while no other start can do the same.
 * @returns whether it did.
 */
export async function insertFirstApiKeys(db: Db, keys: NewApiKey[], before: () => void): Promise<boolean> {
  const client = await db.$client.connect();
  try {
    await client.query("begin");
    await client.query("lock table api_key in share row exclusive mode");
    const { rows } = await client.query<{ any: boolean }>(`select exists (select from api_key) as "any"`);
    if (!rows[0]?.any) {
      before();
      for (const key of keys) await insert(client, key);
    }
    await client.query("commit");
    return !rows[0]?.any;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

async function insert(client: Pick<pg.Pool | pg.PoolClient, "query">, key: NewApiKey): Promise<void> {
  await client.query("insert into api_key (id, project_id, name, scope, hash, hint, created_ms) values ($1, $2, $3, $4, $5, $6, $7)", [
    key.id,
    key.projectId,
    key.name,
    key.scope,
    key.hash,
    key.hint,
    key.createdMs,
  ]);
}

import { randomBytes } from "node:crypto";
import type { Db } from "@/db/client";
import { findApiKey, findApiKeyByHash, insertApiKey, type NewApiKey, revokeApiKey, updateApiKeyLastUsed } from "@/db/queries/api-keys";
import { logger } from "@/lib/logger";
import { hashOfToken, hintOfToken, isWellFormedToken, type KeyScope, newToken } from "./key-token";

/** What a valid key may do, and for which project. */
export interface KeyGrant {
  keyId: string;
  projectId: number;
  scope: KeyScope;
}

/** A revoked key is refused after at most so long, ms (reliability-security.md §4.3 asks for 2 s). */
const REMEMBERED_MS = 1_500;
const REMEMBERED_MAX = 1_000;
const LAST_USED_EVERY_MS = 60_000;

const remembered = new Map<string, { grant: KeyGrant | null; untilMs: number }>();

/**
 * Who this token is, or null when it is no key of ours or was revoked. Made for the hot path of ingest: answers, also negative ones,
 * are remembered for 1.5 s per process, and a token whose checksum is wrong never reaches the database.
 * @throws whatever the database throws: no answer is not the same as a refusal, so tell the sender 503 and not 401.
 */
export async function verifyKey(db: Db, token: string): Promise<KeyGrant | null> {
  if (!isWellFormedToken(token)) return null;
  const hash = hashOfToken(token);
  return remember(`hash:${hash.toString("base64")}`, async () => grantOf(db, await findApiKeyByHash(db, hash)));
}

/** The same by the id of a key, for sessions: they end with the key they were opened with. */
export function verifyKeyId(db: Db, keyId: string): Promise<KeyGrant | null> {
  return remember(`id:${keyId}`, async () => grantOf(db, await findApiKey(db, keyId)));
}

/**
 * Lends an ingest key for as long as `use` takes: for what this server sends to itself. Only hashes are stored, so there is no key that
 * could be looked up.
 */
export async function withIngestKey<T>(db: Db, projectId: number, name: string, use: (token: string) => Promise<T>): Promise<T> {
  const token = newToken("ingest");
  const row = keyRow(token, { projectId, name, scope: "ingest" });
  await insertApiKey(db, row);
  try {
    return await use(token);
  } finally {
    await revokeApiKey(db, row.id, Date.now());
  }
}

/** How a new key is stored: everything but the token itself. */
export function keyRow(token: string, key: { projectId: number; name: string; scope: KeyScope }): NewApiKey {
  return { ...key, id: randomBytes(9).toString("base64url"), hash: hashOfToken(token), hint: hintOfToken(token), createdMs: Date.now() };
}

async function remember(name: string, ask: () => Promise<KeyGrant | null>): Promise<KeyGrant | null> {
  const nowMs = Date.now();
  const known = remembered.get(name);
  if (known && known.untilMs > nowMs) return known.grant;
  const grant = await ask();
  remembered.delete(name);
  // Oldest first out: a Map keeps the order of insertion.
  for (const oldest of remembered.keys()) {
    if (remembered.size < REMEMBERED_MAX) break;
    remembered.delete(oldest);
  }
  remembered.set(name, { grant, untilMs: nowMs + REMEMBERED_MS });
  return grant;
}

function grantOf(db: Db, key: Awaited<ReturnType<typeof findApiKey>>): KeyGrant | null {
  if (key === null || key.revokedMs !== null) return null;
  const nowMs = Date.now();
  if (key.lastUsedMs === null || nowMs - key.lastUsedMs > LAST_USED_EVERY_MS) {
    // For people to see, so nothing waits for it and nothing fails by it.
    updateApiKeyLastUsed(db, key.id, nowMs).catch((error: unknown) => logger.debug({ err: error }, "could not note the use of a key"));
  }
  return { keyId: key.id, projectId: key.projectId, scope: key.scope };
}

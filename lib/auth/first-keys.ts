import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Db } from "@/db/client";
import { insertFirstApiKeys } from "@/db/queries/api-keys";
import type { Config } from "@/lib/config";
import { StartError } from "@/lib/errors";
import { keyRow } from "./api-keys";
import { newToken } from "./key-token";

export interface FirstKeys {
  ingestKey: string;
  adminKey: string;
  /** Where both were written, readable by the owner only. */
  ingestKeyFile: string;
  adminKeyFile: string;
}

const DEFAULT_PROJECT_ID = 1;

/**
 * In server mode, makes an ingest key and an admin key for project `default` if there is no key at all yet: without them nobody could
 * send or sign in. They are shown this once (the caller prints them) and kept in 0600 files in the data directory, because only their
 * hashes are stored. Safe to call from ten starts at once.
 * @returns the new keys, or null when there is nothing to do: local mode, or keys exist.
 * @throws StartError when the files cannot be written; then no key was stored either.
 */
export async function ensureFirstKeys(db: Db, config: Pick<Config, "mode" | "dataDir">): Promise<FirstKeys | null> {
  if (config.mode === "local") return null;
  const keys: FirstKeys = {
    ingestKey: newToken("ingest"),
    adminKey: newToken("admin"),
    ingestKeyFile: join(config.dataDir, "ingest-key"),
    adminKeyFile: join(config.dataDir, "admin-key"),
  };
  const rows = [
    keyRow(keys.ingestKey, { projectId: DEFAULT_PROJECT_ID, name: "first ingest key", scope: "ingest" }),
    keyRow(keys.adminKey, { projectId: DEFAULT_PROJECT_ID, name: "first admin key", scope: "admin" }),
  ];
  // Files first, inside the transaction: keys that nobody was told are worse than files of keys that were never stored.
  const isNew = await insertFirstApiKeys(db, rows, () => writeFiles(config.dataDir, keys));
  return isNew ? keys : null;
}

function writeFiles(dataDir: string, keys: FirstKeys): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    for (const [path, key] of [
      [keys.ingestKeyFile, keys.ingestKey],
      [keys.adminKeyFile, keys.adminKey],
    ] as const) {
      // One left behind by an earlier database goes first: `mode` counts only for files that are new.
      rmSync(path, { force: true });
      writeFileSync(path, `${key}\n`, { mode: 0o600, flag: "wx", flush: true });
    }
  } catch (cause) {
    throw new StartError(`The first keys cannot be written to DATA_DIR="${dataDir}": expected a directory we may write to.`, { cause });
  }
}

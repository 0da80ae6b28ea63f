import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "@/lib/config";
import { StartError } from "@/lib/errors";

/**
 * The secret that signs session cookies: `AUTH_SECRET`, or one made at first use and kept in the data directory (0600), so that sessions
 * outlive a restart. Several web processes on several machines need `AUTH_SECRET`.
 * @throws StartError when the file can be neither read nor written.
 */
export function sessionSecret(config: Pick<Config, "authSecret" | "dataDir">): string {
  if (config.authSecret !== null) return config.authSecret;
  const path = join(/* turbopackIgnore: true */ config.dataDir, "auth-secret");
  try {
    return readSecret(path) ?? makeSecret(path, config.dataDir);
  } catch (cause) {
    throw new StartError(`The session secret "${path}" can be neither read nor written: set AUTH_SECRET, or a DATA_DIR we may write to.`, {
      cause,
    });
  }
}

function readSecret(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim() || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Written aside and linked into place: of several processes that start at once, the first wins and nobody reads half a secret. */
function makeSecret(path: string, dataDir: string): string {
  const secret = randomBytes(32).toString("base64url");
  const aside = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(aside, `${secret}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    linkSync(aside, path);
    return secret;
  } catch (error) {
    const other = (error as NodeJS.ErrnoException).code === "EEXIST" ? readSecret(path) : null;
    if (other === null) throw error;
    return other;
  } finally {
    rmSync(aside, { force: true });
  }
}

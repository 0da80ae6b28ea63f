import { verifyKey } from "@/lib/auth/api-keys";
import type { IngestParts } from "./ingest-parts";
import { Refusal, unavailable } from "./refusal";
import { type Header, isLocalHost, tokenOf } from "./sender";

const LOCAL_PROJECT = 1;

/**
 * In local mode no key is asked for, so a web page must not reach us under a name of its own (DNS rebinding).
 * @throws Refusal
 */
export function checkHost({ config }: IngestParts, host: string | undefined): void {
  if (config.mode === "server" || host === undefined || isLocalHost(host, config.host)) return;
  const why = `In local mode Spanwatch answers only to its own machine's names, and this request was sent to "${host.slice(0, 100)}".`;
  throw new Refusal(403, "permissionDenied", "foreign-host", `${why} Set PUBLIC_URL or HOST to be reached by others.`);
}

/**
 * Which project a request writes to: in local mode `default`, whatever token it brings; in server mode its key decides.
 * @throws Refusal
 */
export async function projectOf({ config, db }: IngestParts, header: Header): Promise<number> {
  if (config.mode === "local") return LOCAL_PROJECT;
  const token = tokenOf(header);
  if (token === null) {
    throw new Refusal(
      401,
      "unauthenticated",
      "no-key",
      "No key: send an ingest key as Authorization: Bearer <key>, Authorization: <key> or x-api-key: <key>.",
    );
  }
  const grant = await verifyKey(db, token).catch((cause: unknown) => {
    throw unavailable("database-away", "The key cannot be checked just now: send it again.", { cause });
  });
  if (grant === null) throw new Refusal(401, "unauthenticated", "unknown-key", "This key is not known here, or was revoked.");
  if (grant.scope !== "ingest") {
    throw new Refusal(403, "permissionDenied", "wrong-scope", `This is a key to ${grant.scope}: sending needs a key of scope ingest.`);
  }
  return grant.projectId;
}

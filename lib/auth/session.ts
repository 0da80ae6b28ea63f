import { AppError } from "@/lib/errors";
import { type KeyGrant, verifyKey, verifyKeyId } from "./api-keys";
import type { Context, Viewer } from "./context";
import { cookieOf, openSession, SESSION_LENGTH_MS, sessionCookieName, setSessionCookie, signSession } from "./session-cookie";
import { type WebRuntime, webRuntime } from "./web-runtime";

/** What a route asks for before it answers. `read`: anybody who may see the project's traces; `admin`: may change something. */
export type Access = "public" | "read" | "admin";

/**
 * Who asks and with what rights, from the headers of a request: nobody to be asked in local mode; else a key (`Authorization: Bearer`,
 * or `x-api-key`) or a session cookie.
 * @throws AppError `unauthenticated` without a valid credential, `forbidden` for an ingest key (it can never read) and for a read key where
 * `admin` is asked.
 */
export async function contextOf(headers: Headers, access: Exclude<Access, "public">, runtime: WebRuntime = webRuntime()): Promise<Context> {
  const viewer = await viewerOf(headers, runtime);
  if (viewer === null) {
    throw new AppError("unauthenticated", "Sign in, or send a read key as `Authorization: Bearer <key>`.");
  }
  if (access === "admin" && viewer.type === "key" && viewer.scope !== "admin") {
    throw new AppError("forbidden", "This needs an admin key.");
  }
  return { db: runtime.db, viewer, nowMs: Date.now() };
}

/**
 * Who asks, or null when the request carries no credential, or a session that is over.
 * @throws AppError `unauthenticated` for a key that is not known, `forbidden` for an ingest key.
 */
export async function viewerOf(headers: Headers, runtime: WebRuntime): Promise<Viewer | null> {
  if (runtime.config.mode === "local") return { type: "local", projectId: 1 };
  const token = tokenOf(headers);
  if (token !== null) {
    const grant = await verifyKey(runtime.db, token);
    if (grant === null) throw new AppError("unauthenticated", "This key is not known, or was revoked.");
    return viewerOfGrant(grant);
  }
  const cookie = cookieOf(headers.get("cookie"), sessionCookieName(isHttps(runtime)));
  const session = cookie === null ? null : openSession(cookie, runtime.secret(), Date.now());
  const grant = session === null ? null : await verifyKeyId(runtime.db, session.keyId);
  return grant === null ? null : viewerOfGrant(grant);
}

/**
 * Opens a session for the owner of a read or admin key.
 * @returns what it may do, and the `Set-Cookie` header that keeps it.
 * @throws AppError `unauthenticated` for a key that is not known, `forbidden` for an ingest key.
 */
export async function openSessionWith(token: string, runtime: WebRuntime): Promise<{ scope: "read" | "admin"; setCookie: string }> {
  const grant = await verifyKey(runtime.db, token.trim());
  if (grant === null) throw new AppError("unauthenticated", "This key is not known, or was revoked.");
  const { scope } = viewerOfGrant(grant);
  const session = { keyId: grant.keyId, expiresMs: Date.now() + SESSION_LENGTH_MS };
  return { scope, setCookie: setSessionCookie(signSession(session, runtime.secret()), isHttps(runtime)) };
}

/** The `Set-Cookie` header that ends a session in this browser. */
export const endSession = (runtime: WebRuntime): string => setSessionCookie("", isHttps(runtime));

function viewerOfGrant(grant: KeyGrant): Extract<Viewer, { type: "key" }> {
  if (grant.scope === "ingest") {
    throw new AppError("forbidden", "This is an ingest key: it can send telemetry and never read it. Use a read key.");
  }
  return { type: "key", projectId: grant.projectId, scope: grant.scope };
}

const isHttps = (runtime: WebRuntime): boolean => runtime.config.publicUrl?.startsWith("https:") ?? false;

function tokenOf(headers: Headers): string | null {
  const authorization = headers.get("authorization");
  if (authorization !== null) return authorization.replace(/^bearer\s+/i, "").trim();
  return headers.get("x-api-key");
}

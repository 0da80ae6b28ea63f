import { createHmac, timingSafeEqual } from "node:crypto";

/** A signed-in browser: which key it signed in with, and until when (Unix ms). */
export interface Session {
  keyId: string;
  expiresMs: number;
}

export const SESSION_LENGTH_MS = 7 * 86_400_000;

/** `__Host-` makes browsers refuse the cookie over http, for a Domain or another Path; so it can only be used under https. */
export const sessionCookieName = (isHttps: boolean): string => (isHttps ? "__Host-spanwatch" : "spanwatch");

/** The session as `<base64url JSON>.<base64url HMAC-SHA-256>`. */
export function signSession(session: Session, secret: string): string {
  const payload = Buffer.from(JSON.stringify([session.keyId, session.expiresMs])).toString("base64url");
  return `${payload}.${signatureOf(payload, secret).toString("base64url")}`;
}

/** The session that `signSession` wrote with the same secret, or null when it was changed, is malformed or has expired. */
export function openSession(text: string, secret: string, nowMs: number): Session | null {
  const [payload = "", signature = "", ...rest] = text.split(".");
  const given = Buffer.from(signature, "base64url");
  const right = signatureOf(payload, secret);
  if (rest.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return null;
  const [keyId, expiresMs] = JSON.parse(Buffer.from(payload, "base64url").toString()) as [string, number];
  return expiresMs > nowMs ? { keyId, expiresMs } : null;
}

const signatureOf = (payload: string, secret: string): Buffer => createHmac("sha256", secret).update(`session:${payload}`).digest();

/** `Set-Cookie` that signs in; an empty `value` signs out. Lax: a link from a chat opens the trace, a foreign form sends nothing. */
export function setSessionCookie(value: string, isHttps: boolean): string {
  const lifetime = value === "" ? 0 : SESSION_LENGTH_MS / 1000;
  return `${sessionCookieName(isHttps)}=${value}; Path=/; Max-Age=${lifetime}; HttpOnly; SameSite=Lax${isHttps ? "; Secure" : ""}`;
}

/** One cookie of a `Cookie` header, or null. */
export function cookieOf(header: string | null, name: string): string | null {
  for (const part of header?.split(";") ?? []) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

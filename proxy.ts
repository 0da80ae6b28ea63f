import { randomBytes, randomUUID } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { refusalOf } from "@/lib/auth/host-guard";
import { type Config, readConfig } from "@/lib/config";
import { AppError } from "@/lib/errors";
import { ASKED_HEADER } from "@/lib/http/asked-header";
import { problemResponse } from "@/lib/http/problem";

/**
 * In front of every page and route: who may ask at all (host guard), what is never answered, and the Content-Security-Policy. No
 * authorisation: that lives where data is read (lib/http/route.ts, lib/http/page-guard.ts), because Next's middleware has been walked
 * around before (reliability-security.md §4.1). The guard itself is asked there again for the same reason.
 */
export function proxy(request: NextRequest): Response {
  settings ??= readConfig();
  const problem = problemOf(request, settings);
  if (problem !== null) return problemResponse(problem, randomUUID());

  const policy = policyOf(randomBytes(16).toString("base64"));
  const headers = new Headers(request.headers);
  // Next reads the nonce from here and puts it on its own scripts.
  headers.set("content-security-policy", policy);
  headers.set(ASKED_HEADER, request.nextUrl.pathname + request.nextUrl.search);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}

let settings: Config | undefined;

function problemOf({ method, nextUrl, headers }: NextRequest, settings: Config): AppError | null {
  const refusal = refusalOf(settings, method, nextUrl.pathname, headers);
  if (refusal !== null) return new AppError("forbidden", refusal);
  // There are no Server Actions here, and nobody outside has a reason to speak Next's inner language.
  const trick = [...headers.keys()].find((name) => name === "next-action" || name.startsWith("x-middleware-"));
  if (trick !== undefined) return new AppError("invalid_request", `This server does not take the header ${trick}.`);
  return isDecodable(nextUrl.pathname) ? null : new AppError("invalid_request", "The path has a % that no two hex digits of UTF-8 follow.");
}

/** Next would answer 500. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * `style-src 'unsafe-inline'`: rows of the waterfall and charts are placed by style attributes. `connect-src` needs the socket of hot reload,
 * and React in development evaluates code to rebuild stack traces.
 */
function policyOf(nonce: string): string {
  const isDevelopment = process.env.NODE_ENV === "development";
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${isDevelopment ? " ws:" : ""}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Files that are the same for everybody need neither guard nor policy. */
export const config = { matcher: ["/((?!_next/static/).*)"] };

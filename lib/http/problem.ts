import { AppError, type ErrorCode } from "@/lib/errors";
import { logger } from "@/lib/logger";

const STATUS: Record<ErrorCode | "internal", { status: number; title: string }> = {
  invalid_request: { status: 400, title: "Wrong request" },
  unauthenticated: { status: 401, title: "Not signed in" },
  forbidden: { status: 403, title: "Not allowed" },
  not_found: { status: 404, title: "Not found" },
  conflict: { status: 409, title: "Conflict" },
  too_large: { status: 413, title: "Too large" },
  too_many_requests: { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Our mistake" },
  unavailable: { status: 503, title: "Not available now" },
};

/** Seconds. Long enough for Postgres to recover from a crash (measured: 0.4 s), short enough not to be felt. */
const RETRY_AFTER: Partial<Record<ErrorCode | "internal", string>> = { unavailable: "2", too_many_requests: "60" };

/** Headers of every answer about somebody's telemetry: no cache between us and the reader may keep it. */
export const PRIVATE = { "cache-control": "private, no-store" };

/** One failure as a reader may see it. */
interface Seen {
  code: ErrorCode | "internal";
  detail: string;
  errors: { path: string; message: string }[];
}

/**
 * The answer to a request that failed (RFC 9457). What we expected is said in full; of anything else the reader learns only the request
 * id, under which the log has the rest.
 */
export function problemResponse(error: unknown, requestId: string): Response {
  const { code, detail, errors } = seenOf(error, requestId);
  if (code === "internal") logger.error({ err: error, requestId }, "a request failed");
  else if (code === "unavailable") logger.warn({ err: error, requestId }, "a request could not be served");
  const { status, title } = STATUS[code];
  const headers = new Headers({ ...PRIVATE, "content-type": "application/problem+json", "x-request-id": requestId });
  const retryAfter = RETRY_AFTER[code];
  if (retryAfter !== undefined) headers.set("retry-after", retryAfter);
  if (code === "unauthenticated") headers.set("www-authenticate", 'Bearer realm="spanwatch"');
  const body = {
    type: `urn:spanwatch:problem:${code.replaceAll("_", "-")}`,
    title,
    status,
    detail,
    requestId,
    ...(errors.length > 0 ? { errors } : {}),
  };
  return new Response(JSON.stringify(body), { status, headers });
}

function seenOf(error: unknown, requestId: string): Seen {
  if (error instanceof AppError) return { code: error.code, detail: error.message, errors: error.errors };
  if (isDatabaseTrouble(error)) return { code: "unavailable", detail: "The database does not answer. Try again in a moment.", errors: [] };
  if (sqlStateOf(error) === QUERY_CANCELED) {
    return {
      code: "unavailable",
      detail: "This took the database too long and was stopped. Ask for less: a shorter time range, fewer filters.",
      errors: [],
    };
  }
  return { code: "internal", detail: `Something went wrong on our side. Report it with request id ${requestId}.`, errors: [] };
}

const QUERY_CANCELED = "57014";
const LOST_CONNECTION = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH"]);
/** What pg says in words only. */
const LOST_CONNECTION_WORDS =
  /^(?:Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed)/;

/**
 * Whether the database, and not our question, is the reason: connection (SQLSTATE 08), resources (53), operator intervention (57, apart
 * from a cancelled query), no connection at all, or none free in time. Class 40 is included: the same question may succeed next time.
 */
export function isDatabaseTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = sqlStateOf(error);
  if (state !== null) return /^(?:08|53|57|40)/.test(state) && state !== QUERY_CANCELED;
  const { code, syscall } = error as NodeJS.ErrnoException;
  // A file that is missing is our own affair; a socket that is missing is a database that does not run.
  if (code !== undefined && LOST_CONNECTION.has(code) && syscall !== "open") return true;
  if (LOST_CONNECTION_WORDS.test(error.message)) return true;
  return [error.cause, ...(error instanceof AggregateError ? error.errors : [])].some(isDatabaseTrouble);
}

/** The SQLSTATE of what Postgres answered, also when drizzle has wrapped it; null when it was not Postgres. */
function sqlStateOf(error: unknown): string | null {
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    const { code, severity } = one as { code?: string; severity?: string };
    if (severity !== undefined && code !== undefined) return code;
  }
  return null;
}

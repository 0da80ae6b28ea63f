import type { z } from "zod";
import type { RESPONSES } from "./contract/responses";
import { ProblemError, problemOf } from "./problem-error";

type ResponseName = keyof typeof RESPONSES;

export interface FetchOptions {
  signal?: AbortSignal;
  method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
}

/**
 * Asks our own API and gives the answer as the contract types it.
 *
 * Answers are checked against their zod schema in development only, and only up to 1 MB: the server checks every answer in development
 * and test from the very same schema, zod would weigh on every page, and checking 100 000 spans takes seconds on the browser's one thread.
 * @throws ProblemError for every answer that is not 2xx, and with `status` 0 when there is no answer.
 */
export async function fetchJson<Name extends ResponseName>(
  name: Name,
  path: string,
  { signal, method = "GET", body }: FetchOptions = {},
): Promise<z.output<(typeof RESPONSES)[Name]>> {
  const response = await send(path, {
    method,
    signal,
    headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) {
    // A session that ended while its page was open. Only questions lead there: the form that signs in tells of a wrong key itself.
    if (response.status === 401 && method === "GET") goToSignIn();
    throw await problemOf(response);
  }
  const text = await response.text();
  const answer: unknown = JSON.parse(text);
  if (process.env.NODE_ENV === "development" && text.length <= CHECKED_LENGTH_MAX) {
    const { RESPONSES: schemas } = await import("./contract/responses");
    schemas[name].parse(answer);
  }
  return answer as z.output<(typeof RESPONSES)[Name]>;
}

const CHECKED_LENGTH_MAX = 1_000_000;

function goToSignIn(): void {
  if (typeof location === "undefined" || location.pathname === "/sign-in") return;
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ProblemError({ status: 0, title: "No answer", detail: "The server does not answer.", requestId: null });
  }
}

/**
 * Writes a query as `?a=b`, without what is undefined; lists become repeated parameters. Keys are sorted, so that the same wish gives
 * the same address.
 */
export function searchOf(query: Record<string, string | number | boolean | readonly string[] | null | undefined>): string {
  const search = new URLSearchParams();
  for (const key of Object.keys(query).sort()) {
    const value = query[key];
    if (value === undefined || value === null || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(key, String(one));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

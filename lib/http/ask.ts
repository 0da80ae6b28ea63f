import type { Db } from "@/db/client";
import { setWebRuntime } from "@/lib/auth/web-runtime";
import { type Config, readConfig } from "@/lib/config";
import type { Route } from "./route";

/** For tests: from now on, routes answer from this database, in local mode on port 3000 unless `settings` (environment) say otherwise. */
export function answerFrom(database: { db: Db; url: string }, settings: Record<string, string> = {}): Config {
  const config = readConfig({ NODE_ENV: "test", ...settings, DATABASE_URL: database.url });
  setWebRuntime({ config, db: database.db });
  return config;
}

interface Question {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  headers?: Record<string, string>;
  params?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal;
}

/** For tests: asks a route as Next would. */
export function ask(
  route: Route | undefined,
  path: string,
  { method = "GET", headers, params = {}, body, signal }: Question = {},
): Promise<Response> {
  const request = new Request(new URL(path, "http://localhost:3000"), {
    method,
    signal,
    headers: { host: "localhost:3000", ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (route === undefined) throw new Error(`No handler for ${method} ${path}.`);
  return route(request, { params: Promise.resolve(params) });
}

import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Context, Viewer } from "@/lib/auth/context";
import { refusalOf } from "@/lib/auth/host-guard";
import { type Access, contextOf, viewerOf } from "@/lib/auth/session";
import { type WebRuntime, webRuntime } from "@/lib/auth/web-runtime";
import { AppError } from "@/lib/errors";
import type { Locale } from "@/messages/locale";
import { jsonAnswer } from "./json-answer";
import { languageOf } from "./language";
import { PRIVATE, problemResponse } from "./problem";
import { readBody, readParams, readQuery } from "./read-request";

const NOTHING = z.object({});
type Nothing = typeof NOTHING;

/** Everything that is promised of one route; lib/http/openapi.ts writes it down, `route` keeps it. */
export interface Declaration<
  A extends Access = Access,
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> {
  /** One line for the documents. */
  summary: string;
  access: A;
  params?: P;
  query?: Q;
  body?: B;
  /** Schema of the JSON answer, or, for answers that are none, their media type. */
  response: R | `${string}/${string}`;
}

interface Input<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  /** The language that sentences are worded in: `?lang=`, cookie or `Accept-Language`. */
  language: Locale;
  request: Request;
  runtime: WebRuntime;
  /** Headers of the answer, for the rare route that sets one. */
  headers: Headers;
}

/** Where no one need be signed in, there may be no viewer. */
type ContextFor<A extends Access> = A extends "public" ? Omit<Context, "viewer"> & { viewer: Viewer | null } : Context;

export interface Route {
  (request: Request, next: { params: Promise<Record<string, string | string[] | undefined> | undefined> }): Promise<Response>;
  declaration: Declaration;
}

/**
 * One JSON route: what it takes, who may ask, what it answers, and the one call that does it. Around that call, always the same: the host
 * guard, the viewer, the parsing of path, query and body, the check of the answer against its contract (not in production), compression,
 * and errors as problem+json.
 */
export function route<
  A extends Access,
  R extends z.ZodType,
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = z.ZodUndefined,
>(declaration: Declaration<A, P, Q, B, R>, handle: (ctx: ContextFor<A>, input: Input<P, Q, B>) => Promise<z.input<R> | Response>): Route {
  async function answer(request: Request, params: Record<string, string | string[] | undefined>, headers: Headers): Promise<Response> {
    const runtime = webRuntime();
    const { pathname, searchParams } = new URL(request.url);
    const refusal = refusalOf(runtime.config, request.method, pathname, request.headers);
    if (refusal !== null) throw new AppError("forbidden", refusal);
    const ctx = await contextFor(declaration.access, request.headers, runtime);
    const language = languageOf(searchParams.get("lang"), request.headers);
    searchParams.delete("lang");
    const input = {
      params: readParams(params, declaration.params ?? NOTHING) as z.output<P>,
      query: readQuery(searchParams, declaration.query ?? NOTHING) as z.output<Q>,
      body: (declaration.body ? await readBody(request, declaration.body) : undefined) as z.output<B>,
      language,
      request,
      runtime,
      headers,
    };
    const value = await handle(ctx as ContextFor<A>, input);
    if (value instanceof Response) return value;
    if (process.env.NODE_ENV !== "production" && typeof declaration.response !== "string") checkAnswer(value, declaration.response);
    return jsonAnswer(value, headers);
  }

  async function serve(request: Request, next: Parameters<Route>[1]): Promise<Response> {
    const requestId = randomUUID();
    try {
      return await answer(request, (await next.params) ?? {}, new Headers({ ...PRIVATE, "x-request-id": requestId }));
    } catch (error) {
      return problemResponse(error, requestId);
    }
  }
  return Object.assign(serve, { declaration: declaration as unknown as Declaration });
}

async function contextFor(access: Access, headers: Headers, runtime: WebRuntime): Promise<ContextFor<"public">> {
  if (access !== "public") return contextOf(headers, access, runtime);
  // A wrong key, or no database to ask, must not keep anybody from what is public.
  const viewer = await viewerOf(headers, runtime).catch(() => null);
  return { db: runtime.db, viewer, nowMs: Date.now() };
}

/** Long arrays are checked at both ends only: it is the shape that can be wrong, and 100 000 spans would take seconds. */
const CHECKED_ITEMS = 1_000;

/** Fails when an answer is not what the contract promises, or holds anything that the contract does not name. */
function checkAnswer(value: unknown, schema: z.ZodType): void {
  const checked =
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([key, field]) => [key, Array.isArray(field) ? endsOf(field) : field]))
      : value;
  const parsed = schema.parse(checked);
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(parsed)), JSON.parse(JSON.stringify(checked)))) {
    throw new Error("The answer holds fields that its contract does not name.");
  }
}

const endsOf = (items: unknown[]): unknown[] =>
  items.length <= 2 * CHECKED_ITEMS ? items : [...items.slice(0, CHECKED_ITEMS), ...items.slice(-CHECKED_ITEMS)];

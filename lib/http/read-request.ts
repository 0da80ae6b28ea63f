import type { z } from "zod";
import { AppError } from "@/lib/errors";

const BODY_BYTES_MAX = 1024 * 1024;

/**
 * The query of an address as `schema` understands it. Parameters that the schema does not name are errors, because a filter that is
 * silently ignored shows the wrong traces (a loose object takes them all); empty ones count as absent, as HTML forms send them.
 * @throws AppError `invalid_request` naming every parameter that is wrong.
 */
export function readQuery<T extends z.ZodObject>(search: URLSearchParams, schema: T): z.output<T> {
  const given: Record<string, string | string[]> = Object.create(null);
  const errors: { path: string; message: string }[] = [];
  for (const key of new Set(search.keys())) {
    const values = search.getAll(key).filter((value) => value !== "");
    if (!Object.hasOwn(schema.shape, key) && schema.def.catchall === undefined) {
      errors.push({ path: key, message: `Unknown parameter; known are ${Object.keys(schema.shape).join(", ") || "none"}.` });
    } else if (values.length > 0) {
      given[key] = values.length === 1 ? (values[0] ?? "") : values;
    }
  }
  return parse(given, schema, errors);
}

/**
 * The dynamic parts of a path as `schema` understands them.
 * @throws AppError `invalid_request`
 */
export function readParams<T extends z.ZodObject>(params: Record<string, string | string[] | undefined>, schema: T): z.output<T> {
  return parse(params, schema, []);
}

/**
 * The body of a request, which must be JSON of at most 1 MiB.
 * @throws AppError `invalid_request`, `too_large`
 */
export async function readBody<T extends z.ZodType>(request: Request, schema: T): Promise<z.output<T>> {
  // Also what a foreign page's form cannot send without asking first.
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers.get("content-type") ?? "")) {
    throw new AppError("invalid_request", "Send the body as JSON, with content-type: application/json.");
  }
  const text = await readText(request);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_request", "The body is not JSON.", { cause });
  }
  return parse(body, schema, []);
}

async function readText(request: Request): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const bytes of request.body ?? []) {
    length += bytes.byteLength;
    if (length > BODY_BYTES_MAX) throw new AppError("too_large", "The body is larger than 1 MiB.");
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

function parse<T extends z.ZodType>(value: unknown, schema: T, errors: { path: string; message: string }[]): z.output<T> {
  const result = schema.safeParse(value);
  const all = result.success ? errors : [...errors, ...result.error.issues.map(({ path, message }) => ({ path: path.join("."), message }))];
  // Postgres has no text with a NUL in it, so nothing that is stored can be meant.
  for (const [path, field] of Object.entries(value ?? {})) {
    if ([field].flat().some((text) => typeof text === "string" && text.includes("\0")))
      all.push({ path, message: "Contains a NUL character." });
  }
  if (result.success && all.length === 0) return result.data;
  const [first] = all;
  throw new AppError("invalid_request", first?.path ? `${first.path}: ${first.message}` : (first?.message ?? "The request is wrong."), {
    errors: all,
  });
}

import { z } from "zod";
import type { Declaration, Route } from "./route";

/** The exports of a route file: its handlers by method. */
export type RouteModule = Partial<Record<"GET" | "POST" | "PUT" | "PATCH" | "DELETE", Route>>;

interface JsonSchema {
  [key: string]: unknown;
  $defs?: Record<string, JsonSchema>;
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

interface OpenapiOptions {
  version: string;
  description: string;
  /** Schema of the body of every error. */
  problem: z.ZodType;
}

/** The OpenAPI 3.1 document of routes, keyed by path as Next's folders spell it (`/api/traces/[traceId]`). */
export function openapiOf(routes: Record<string, RouteModule>, { version, description, problem }: OpenapiOptions) {
  const schemas: Record<string, JsonSchema> = {};
  const schemaOf = (schema: z.ZodType, io: "input" | "output") =>
    hoist(z.toJSONSchema(schema, { io, unrepresentable: "any" }) as JsonSchema, schemas);
  const problemSchema = schemaOf(problem, "output");
  const paths = Object.entries(routes).map(([path, module]) => [
    path.replaceAll("[", "{").replaceAll("]", "}"),
    Object.fromEntries(
      Object.entries(module)
        .filter(([, handler]) => typeof handler === "function" && "declaration" in handler)
        .map(([method, { declaration }]) => [method.toLowerCase(), operationOf(declaration, schemaOf, problemSchema)]),
    ),
  ]);
  return {
    openapi: "3.1.0",
    info: { title: "Spanwatch", version, description, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths: Object.fromEntries(paths) as Record<string, Record<string, ReturnType<typeof operationOf>>>,
    components: {
      schemas,
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "A read or admin key. Local mode needs none." },
        header: { type: "apiKey", in: "header", name: "x-api-key" },
        session: { type: "apiKey", in: "cookie", name: "spanwatch" },
      },
    },
  };
}

type SchemaOf = (schema: z.ZodType, io: "input" | "output") => JsonSchema;

function operationOf({ summary, access, params, query, body, response }: Declaration, schemaOf: SchemaOf, problem: JsonSchema) {
  const content =
    typeof response === "string"
      ? { [response]: { schema: { type: "string" } } }
      : { "application/json": { schema: schemaOf(response, "output") } };
  return {
    summary,
    "x-access": access,
    ...(access === "public" ? { security: [] } : { security: [{ key: [] }, { header: [] }, { session: [] }] }),
    parameters: [...parametersOf("path", params, schemaOf), ...parametersOf("query", query, schemaOf), LANGUAGE_PARAMETER],
    ...(body ? { requestBody: { required: true, content: { "application/json": { schema: schemaOf(body, "input") } } } } : {}),
    responses: {
      "200": { description: "OK", content },
      default: { description: "An error, as problem+json.", content: { "application/problem+json": { schema: problem } } },
    },
  };
}

const LANGUAGE_PARAMETER = {
  name: "lang",
  in: "query",
  required: false,
  description: "The language of sentences; else the cookie `locale`, else Accept-Language.",
  schema: { type: "string", enum: ["en", "zh"] },
};

function parametersOf(place: "path" | "query", schema: z.ZodObject | undefined, schemaOf: SchemaOf) {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, "input");
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

/** Moves named schemas to the components, and leaves out what zod says of its own accord and nobody needs to know. */
function hoist(schema: JsonSchema, schemas: Record<string, JsonSchema>): JsonSchema {
  const { $defs = {}, $schema: _, ...rest } = schema;
  for (const [name, definition] of Object.entries($defs)) schemas[name] ??= tidy(definition) as JsonSchema;
  const tidied = tidy(rest) as JsonSchema;
  const { id, ...named } = tidied;
  if (typeof id !== "string") return tidied;
  schemas[id] ??= named;
  return { $ref: `#/components/schemas/${id}` };
}

function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(
    ([key, field]) =>
      // Answers may grow; a client that refuses what it does not know would break then.
      !(key === "additionalProperties" && field === false) &&
      !((key === "minimum" || key === "maximum") && Math.abs(Number(field)) === Number.MAX_SAFE_INTEGER) &&
      // The regular expression behind a date-time spans three lines and says the same.
      !(key === "pattern" && "format" in value),
  );
  return Object.fromEntries(
    fields.map(([key, field]) => [key, key === "$ref" ? String(field).replace("#/$defs/", "#/components/schemas/") : tidy(field)]),
  );
}

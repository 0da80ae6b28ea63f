import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { openDatabase } from "@/db/client";
import { TracesQuery } from "@/lib/api/contract/traces";
import { answerFrom, ask } from "@/lib/http/ask";
import { GET } from "./route";

const ROOT = join(import.meta.dirname, "../../..");

/** Every route file, and the path that it answers. */
const files = readdirSync(join(ROOT, "app"), { recursive: true, encoding: "utf8" })
  .filter((file) => /(^|\/)route\.ts$/.test(file) && !file.includes("[..."))
  .map((file) => ({
    file,
    path: `/${file
      .replace(/\/?route\.ts$/, "")
      .replaceAll("[", "{")
      .replaceAll("]", "}")}`,
  }));

const Schema = z.looseObject({});
const Operation = z.strictObject({
  summary: z.string().min(10),
  "x-access": z.enum(["public", "read", "admin"]),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(
    z.strictObject({
      name: z.string(),
      in: z.enum(["path", "query"]),
      required: z.boolean(),
      description: z.string().optional(),
      schema: Schema,
    }),
  ),
  requestBody: z
    .strictObject({ required: z.literal(true), content: z.strictObject({ "application/json": z.strictObject({ schema: Schema }) }) })
    .optional(),
  responses: z.strictObject({
    "200": z.strictObject({
      description: z.string(),
      content: z.record(z.string().regex(/^\w+\/[\w+.-]+$/), z.strictObject({ schema: Schema })),
    }),
    default: z.strictObject({
      description: z.string(),
      content: z.strictObject({ "application/problem+json": z.strictObject({ schema: Schema }) }),
    }),
  }),
});
/** What OpenAPI 3.1 asks of the parts that we write. */
const OpenapiDocument = z.strictObject({
  openapi: z.literal("3.1.0"),
  info: z.strictObject({
    title: z.string(),
    version: z.string().regex(/^\d+\.\d+\.\d+/),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  paths: z.record(z.string().startsWith("/"), z.partialRecord(z.enum(["get", "post", "put", "patch", "delete"]), Operation)),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[\w.-]+$/), Schema),
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.enum(["http", "apiKey"]) })),
  }),
});

let text: string;
let paths: z.output<typeof OpenapiDocument>["paths"];
let components: z.output<typeof OpenapiDocument>["components"];
beforeAll(async () => {
  // Never connected to: the document is made from the declarations alone.
  const url = "postgres://nobody@127.0.0.1:1/nothing";
  answerFrom({ url, db: openDatabase(url, { max: 1, statementTimeoutMs: 0, applicationName: "none" }) });
  text = await (await ask(GET, "/api/openapi.json")).text();
  ({ paths, components } = OpenapiDocument.parse(JSON.parse(text)));
});

test("every route file is in the document, with the methods it has, and nothing else is", async () => {
  const found = await Promise.all(
    files.map(async ({ file, path }) => {
      const methods = Object.keys(await import(join(ROOT, "app", file))).filter((name) => /^[A-Z]+$/.test(name));
      return [path, methods.map((method) => method.toLowerCase()).sort()];
    }),
  );
  expect(found.length).toBeGreaterThan(5);
  expect(Object.fromEntries(Object.entries(paths).map(([path, operations]) => [path, Object.keys(operations).sort()]))).toEqual(
    Object.fromEntries(found),
  );
});

test("the page that people read lists the same routes with the same access", () => {
  const rows = readFileSync(join(ROOT, "docs/api.md"), "utf8").matchAll(/^\| `([A-Z]+) (\/[^`]+)` \| (\w+) \|/gm);
  const listed = [...rows].map(([, method, path, access]) => `${method} ${path} ${access}`).sort();
  const answered = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => `${method.toUpperCase()} ${path} ${operation["x-access"]}`),
  );
  expect(listed).toEqual(answered.sort());
});

test("every reference leads to a schema, and every schema is used", () => {
  const references = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference));
  expect([...references].sort()).toEqual(
    Object.keys(components.schemas)
      .map((name) => `#/components/schemas/${name}`)
      .sort(),
  );
  expect(components.schemas.Problem).toMatchObject({ type: "object", required: ["type", "title", "status", "detail", "requestId"] });
});

test("every {part} of a path is a required parameter, and no parameter is there twice", () => {
  for (const [path, operations] of Object.entries(paths)) {
    for (const { parameters } of Object.values(operations)) {
      const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, part]) => part);
      expect(
        parameters.filter((one) => one.in === "path").map(({ name }) => name),
        path,
      ).toEqual(parts);
      expect(parameters.filter((one) => one.in === "path").every(({ required }) => required)).toBe(true);
      const names = parameters.map((one) => `${one.in} ${one.name}`);
      expect(new Set(names).size, path).toBe(names.length);
    }
  }
});

test("only what is public can be asked without a key", () => {
  for (const operations of Object.values(paths)) {
    for (const operation of Object.values(operations)) {
      expect(operation.security.length > 0).toBe(operation["x-access"] !== "public");
      for (const scheme of operation.security.flatMap(Object.keys)) expect(components.securitySchemes).toHaveProperty(scheme);
    }
  }
});

test("a filter of the contract is a parameter of the document", () => {
  const names = paths["/api/traces"]?.get?.parameters.map(({ name }) => name);
  expect(names?.sort()).toEqual([...Object.keys(TracesQuery.shape), "lang"].sort());
});

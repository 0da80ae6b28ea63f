import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertApiKey } from "@/db/queries/api-keys";
import { createTestDatabase, type TestDatabase } from "@/db/testing/database";
import { keyRow } from "@/lib/auth/api-keys";
import { type KeyScope, newToken } from "@/lib/auth/key-token";
import { answerFrom, ask } from "@/lib/http/ask";
import type { RouteModule } from "@/lib/http/openapi";
import type { Route } from "@/lib/http/route";
import { logger } from "@/lib/logger";
import { liveHub } from "@/lib/status/live-hub";
import { ROUTES } from "./openapi.json/routes";
import * as signIn from "./sign-in/route";
import * as signOut from "./sign-out/route";

logger.level = "silent";

const keys: Record<KeyScope, string> = { ingest: newToken("ingest"), read: newToken("read"), admin: newToken("admin") };
let database: TestDatabase;
let dataDir: string;
beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = mkdtempSync(join(tmpdir(), "spanwatch-access-"));
  for (const [scope, token] of Object.entries(keys) as [KeyScope, string][]) {
    await insertApiKey(database.db, keyRow(token, { projectId: 1, name: scope, scope }));
  }
});
afterAll(async () => {
  await liveHub(database.url).close();
  rmSync(dataDir, { recursive: true });
  await database.close();
});

/** Where nothing listens, so that no gallery is sent. */
const SERVER = { HOST: "0.0.0.0", OTLP_HTTP_PORT: "1" };
const serve = (settings: Record<string, string> = {}) => answerFrom(database, { ...SERVER, DATA_DIR: dataDir, ...settings });

const operations = Object.entries(ROUTES).flatMap(([path, module]) =>
  (["GET", "POST", "PUT", "PATCH", "DELETE"] as const)
    .filter((method) => module[method])
    .map((method) => ({ path, method, route: module[method] as Route })),
);

async function statusOf({ path, method, route }: (typeof operations)[number], headers: Record<string, string>): Promise<number> {
  const params = { traceId: "a".repeat(32), spanId: "b".repeat(16), findingId: "c".repeat(24), expectedSpanId: "d".repeat(24) };
  const abort = new AbortController();
  const address = path.replace(/\[(\w+)\]/g, (_, name: keyof typeof params) => params[name]);
  const response = await ask(route, address, { method, headers, params, signal: abort.signal });
  abort.abort();
  expect(response.headers.get("cache-control"), `${method} ${path}`).toMatch(/^private, no-store/);
  return response.status;
}

describe("in server mode", () => {
  test.each(operations)("$method $path is for those it is declared for", async (operation) => {
    serve();
    const { access } = operation.route.declaration;
    const status = async (headers: Record<string, string>) => statusOf(operation, headers);
    const bearer = (token: string) => status({ authorization: `Bearer ${token}` });
    const passes = (code: number) => code !== 401 && code !== 403;

    expect(await status({})).toSatisfy(access === "public" ? passes : (code: number) => code === 401);
    expect(await bearer(newToken("admin"))).toSatisfy(access === "public" ? passes : (code: number) => code === 401);
    expect(await bearer(keys.ingest)).toSatisfy(access === "public" ? passes : (code: number) => code === 403);
    expect(await bearer(keys.read)).toSatisfy(access === "admin" ? (code: number) => code === 403 : passes);
    expect(await bearer(keys.admin)).toSatisfy(passes);
    expect(await status({ "x-api-key": keys.admin })).toSatisfy(passes);
    expect(await status({ authorization: `Bearer ${keys.admin}`, "sec-fetch-site": "cross-site" })).toBe(403);
  });

  test("a session may do what the key may do that opened it, until it ends", async () => {
    serve();
    const open = async (key: string) => {
      const response = await ask(signIn.POST, "/api/sign-in", { method: "POST", body: { key } });
      return { response, cookie: response.headers.get("set-cookie")?.split(";")[0] ?? "" };
    };
    for (const scope of ["read", "admin"] as const) {
      const { response, cookie } = await open(keys[scope]);
      expect(await response.json()).toEqual({ scope });
      expect(response.headers.get("set-cookie")).toMatch(/HttpOnly; SameSite=Lax/);
      for (const operation of operations) {
        const isAllowed = scope === "admin" || operation.route.declaration.access !== "admin";
        expect([401, 403].includes(await statusOf(operation, { cookie }))).toBe(!isAllowed);
      }
      const setup = operations.find(({ path }) => path === "/api/setup") as (typeof operations)[number];
      expect(await statusOf(setup, { cookie: `${cookie}x` })).toBe(401);
      await database.db.$client.query("update api_key set revoked_ms = 1 where scope = $1", [scope]);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      expect(await statusOf(setup, { cookie })).toBe(401);
      await database.db.$client.query("update api_key set revoked_ms = null");
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
    expect((await open(keys.ingest)).response.status).toBe(403);
    expect((await open(newToken("admin"))).response.status).toBe(401);
    expect((await open("nonsense")).response.status).toBe(401);
  });

  test("signing out takes the cookie away", async () => {
    serve();
    const response = await ask(signOut.POST, "/api/sign-out", { method: "POST" });
    expect(response.headers.get("set-cookie")).toMatch(/^spanwatch=; Path=\/; Max-Age=0/);
  });

  test("behind https the cookie is for this host alone", async () => {
    serve({ PUBLIC_URL: "https://spans.example" });
    const response = await ask(signIn.POST, "/api/sign-in", { method: "POST", body: { key: keys.read } });
    expect(response.headers.get("set-cookie")).toMatch(/^__Host-spanwatch=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
  });

  test("whoever tries one key after the other is slowed down, and only he", async () => {
    serve();
    const attempt = async (from: string) => {
      const headers = { "x-forwarded-for": from };
      return (await ask(signIn.POST, "/api/sign-in", { method: "POST", headers, body: { key: newToken("admin") } })).status;
    };
    const codes = [];
    for (let count = 0; count < 12; count++) codes.push(await attempt("198.51.100.7"));
    expect(codes).toEqual([...Array(10).fill(401), 429, 429]);
    expect(await attempt("198.51.100.8")).toBe(401);
  });
});

describe("in local mode", () => {
  test.each(operations)("$method $path needs no key, and answers to no other name", async (operation) => {
    serve({ HOST: "127.0.0.1" });
    expect([401, 403]).not.toContain(await statusOf(operation, {}));
    expect(await statusOf(operation, { host: "evil.example" })).toBe(403);
    if (operation.method !== "GET") expect(await statusOf(operation, { origin: "https://evil.example" })).toBe(403);
  });
});

test("every route declares who may ask", () => {
  for (const module of Object.values(ROUTES) as RouteModule[]) {
    for (const handler of Object.values(module)) expect(handler.declaration.access).toMatch(/^(public|read|admin)$/);
  }
});

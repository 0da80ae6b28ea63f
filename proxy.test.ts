import { NextRequest } from "next/server";
import { expect, test, vi } from "vitest";
import { proxy } from "./proxy";

vi.stubEnv("PORT", "3000");
vi.stubEnv("HOST", "");
vi.stubEnv("PUBLIC_URL", "");
const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  proxy(new NextRequest(new URL(path, "http://localhost:3000"), { method, headers: { host: "localhost:3000", ...headers } }));

test.each(["/", "/traces", "/traces/abc?span=1", "/findings", "/sign-in", "/api/traces", "/api/health", "/metrics", "/nothing"])(
  "no page is reachable through a name that was rebound: %s",
  async (path) => {
    const response = ask(path, { host: "evil.example" });
    expect(response.status).toBe(403);
    expect(await response.text()).not.toContain("<");
    expect(ask(path).status).toBe(200);
  },
);

test("Next's inner language is not spoken with strangers", () => {
  for (const header of ["next-action", "x-middleware-subrequest", "x-middleware-rewrite", "x-middleware-next"]) {
    expect(ask("/traces", { [header]: "x" }, "POST").status, header).toBe(400);
    expect(ask("/traces", { [header]: "x" }).status, header).toBe(400);
  }
});

test("a page of another site can change nothing", () => {
  expect(ask("/api/findings/x/mute", { origin: "https://evil.example" }, "POST").status).toBe(403);
  expect(ask("/api/findings/x/mute", { origin: "http://localhost:3000" }, "POST").status).toBe(200);
});

test("scripts run only with this answer's nonce, and no site may frame us", () => {
  const [first, second] = [ask("/"), ask("/")].map((response) => response.headers.get("content-security-policy") ?? "");
  const nonce = /'nonce-([^']+)'/.exec(first ?? "")?.[1] ?? "";
  expect(Buffer.from(nonce, "base64").length).toBe(16);
  expect(second).not.toContain(nonce);
  for (const directive of [
    "default-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
    "connect-src 'self'",
  ]) {
    expect(first?.split("; ")).toContain(directive);
  }
  expect(first).not.toContain("unsafe-eval");
  expect(/script-src[^;]*unsafe-inline/.test(first ?? "")).toBe(false);
});

test("a page learns where to come back to from us, never from the reader", () => {
  const asked = ask("/traces/abc?span=1", { "x-spanwatch-asked": "//evil.example" }).headers.get("x-middleware-request-x-spanwatch-asked");
  expect(asked).toBe("/traces/abc?span=1");
});

test("a path that cannot be decoded is a wrong request, not a mistake of ours", () => {
  for (const path of ["/api/traces/%ff", "/traces/%e4%b8", "/%zz"]) expect(ask(path).status, path).toBe(400);
  expect(ask("/traces/%E4%B8%AD").status).toBe(200);
});

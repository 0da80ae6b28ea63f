import { describe, expect, test } from "vitest";
import { type GuardConfig, refusalOf } from "./host-guard";

const LOCAL: GuardConfig = { mode: "local", port: 3000, publicUrl: null };
const SERVER: GuardConfig = { mode: "server", port: 3000, publicUrl: "https://spans.example" };
const ask = (config: GuardConfig, headers: Record<string, string>, method = "GET", path = "/api/traces") =>
  refusalOf(config, method, path, new Headers(headers));

describe("in local mode", () => {
  test.each(["localhost:3000", "LOCALHOST:3000", "spans.localhost:3000", "127.0.0.1:3000", "[::1]:3000", "localhost.:3000"])(
    "the reader's own browser gets in as %s",
    (host) => expect(ask(LOCAL, { host })).toBeNull(),
  );

  test.each([
    "evil.example:3000",
    "evil.example",
    "localhost.evil.example:3000",
    "127.0.0.1.evil.example:3000",
    "evil-localhost:3000",
    "127.0.0.2:3000",
    "localhost:3001",
    "localhost",
    "localhost:3000@evil.example",
    "localhost:3000.evil.example",
    "0.0.0.0:3000",
    "[::1]",
    "[::]:3000",
    "",
    "localhost:3000, evil.example",
    " localhost:3000:3000",
    "2130706433:3000",
    "localhost:03000x",
  ])("a page that rebinds its name to this machine does not, as %j", (host) => {
    for (const path of ["/", "/traces", "/api/traces", "/metrics"]) expect(ask(LOCAL, { host }, "GET", path)).toMatch(/localhost:3000/);
  });

  test("port 80 goes without saying, as browsers leave it out", () => {
    expect(ask({ ...LOCAL, port: 80 }, { host: "localhost" })).toBeNull();
    expect(ask({ ...LOCAL, port: 80 }, { host: "localhost:3000" })).not.toBeNull();
  });
});

describe("a page of another site", () => {
  const host = "localhost:3000";

  test.each(["POST", "PUT", "PATCH", "DELETE"])("cannot %s", (method) => {
    for (const origin of ["https://evil.example", "http://localhost:8080", "https://localhost:3000x", "null"]) {
      expect(ask(LOCAL, { host, origin }, method)).toMatch(/another site/);
    }
    expect(ask(LOCAL, { host, "sec-fetch-site": "cross-site" }, method)).toMatch(/another site/);
    expect(ask(LOCAL, { host, "sec-fetch-site": "same-site" }, method)).toMatch(/another site/);
  });

  test("cannot hold live connections open, but may link to us", () => {
    expect(ask(LOCAL, { host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, "GET", "/api/live")).toMatch(/another site/);
    expect(ask(LOCAL, { host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" }, "GET", "/metrics")).toMatch(/another site/);
    expect(ask(LOCAL, { host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, "GET", "/traces/abc")).toBeNull();
    expect(ask(LOCAL, { host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, "GET", "/api/traces/abc/export")).toBeNull();
  });

  test("our own page can do both, and so can a program without a browser", () => {
    expect(ask(LOCAL, { host, origin: "http://localhost:3000", "sec-fetch-site": "same-origin" }, "POST")).toBeNull();
    expect(ask(LOCAL, { host, "sec-fetch-site": "none" }, "POST")).toBeNull();
    expect(ask(LOCAL, { host }, "POST")).toBeNull();
  });
});

describe("in server mode", () => {
  test("health checks come by address, so any name may ask: every answer needs a key there", () => {
    expect(ask(SERVER, { host: "10.1.2.3:3000" })).toBeNull();
  });

  test("our page may change things under PUBLIC_URL, whatever the proxy made of Host; other pages may not", () => {
    expect(ask(SERVER, { host: "web:3000", origin: "https://spans.example" }, "POST")).toBeNull();
    expect(ask(SERVER, { host: "spans.example", origin: "https://spans.example" }, "POST")).toBeNull();
    expect(ask(SERVER, { host: "web:3000", origin: "https://evil.example" }, "POST")).toMatch(/another site/);
  });
});

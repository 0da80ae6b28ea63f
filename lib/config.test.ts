import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readConfig } from "./config";
import { StartError } from "./errors";

const dir = mkdtempSync(join(tmpdir(), "spanwatch-config-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test("without settings everything runs on this machine only, and nobody has to sign in", () => {
  expect(readConfig({})).toMatchObject({
    role: "all",
    databaseUrl: null,
    dataDir: resolve(".data"),
    host: "127.0.0.1",
    port: 3000,
    otlpHttpPort: 4318,
    otlpGrpcPort: 4317,
    settleMs: 30_000,
    retentionDays: 30,
    maxBodyBytes: 64 * 1024 * 1024,
    mode: "local",
  });
});

test("an address that others can reach, or a public name, asks for keys", () => {
  for (const env of [{ HOST: "0.0.0.0" }, { HOST: "::" }, { HOST: "192.168.1.5" }, { PUBLIC_URL: "https://traces.example.org" }]) {
    expect(readConfig(env).mode, JSON.stringify(env)).toBe("server");
  }
  for (const host of ["127.0.0.1", "localhost", "::1"]) expect(readConfig({ HOST: host }).mode).toBe("local");
});

test.each([
  ["PORT", "three", "a whole number from 1 to 65535"],
  ["PORT", "0", "a whole number from 1 to 65535"],
  ["OTLP_HTTP_PORT", "65536", "a whole number from 1 to 65535"],
  ["OTLP_GRPC_PORT", "4317.5", "a whole number from 1 to 65535"],
  ["SPANWATCH_SETTLE_MS", "-1", "a whole number from 100 to 3600000"],
  ["SPANWATCH_RETENTION_DAYS", "1e3", "a whole number from 1 to 3650"],
  ["SPANWATCH_MAX_BODY_MIB", "0", "a whole number from 1 to 1024"],
  ["SPANWATCH_ROLE", "worker", "one of all, web, ingest, scheduler"],
  ["LOG_LEVEL", "loud", "one of trace, debug, info, warn, error, fatal, silent"],
  ["PUBLIC_URL", "traces.example.org", "an http:// or https:// address"],
  ["DATABASE_URL", "mysql://localhost/x", "a postgres:// address"],
])("%s=%s stops the start with a line that says what was expected", (name, value, expected) => {
  const read = () => readConfig({ [name]: value });
  expect(read).toThrow(StartError);
  expect(read).toThrow(`${name}="${value}" is wrong: expected ${expected}.`);
});

test("a password in a wrong address is not printed", () => {
  expect(() => readConfig({ DATABASE_URL: "mysql://root:hunter2@localhost/x" })).toThrow(/^(?!.*hunter2)/);
});

test("a secret may be given as a file, which wins; one that cannot be read stops the start", () => {
  const path = join(dir, "url");
  writeFileSync(path, "postgres://from-file/x\n");
  expect(readConfig({ DATABASE_URL_FILE: path, DATABASE_URL: "postgres://from-env/x" }).databaseUrl).toBe("postgres://from-file/x");
  expect(() => readConfig({ DATABASE_URL_FILE: join(dir, "none") })).toThrow(
    `DATABASE_URL_FILE="${join(dir, "none")}" cannot be read: expected a readable file.`,
  );
});

test("an empty setting is one that is not set", () => {
  expect(readConfig({ PORT: "", HOST: "", DATABASE_URL: "", SPANWATCH_ROLE: "", LOG_LEVEL: "" })).toEqual(readConfig({}));
});

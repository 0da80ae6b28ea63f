import pg from "pg";
import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { logger } from "@/lib/logger";
import { isDatabaseTrouble, problemResponse } from "./problem";

logger.level = "silent";

const postgres = (code: string) => Object.assign(new pg.DatabaseError("secret table text", 1, "error"), { code, severity: "ERROR" });
const answer = async (error: unknown) => {
  const response = problemResponse(error, "r-1");
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
};

test("what we expected is said in full", async () => {
  const { status, headers, body } = await answer(
    new AppError("invalid_request", "limit: too big", { errors: [{ path: "limit", message: "too big" }] }),
  );
  expect(status).toBe(400);
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(headers.get("cache-control")).toBe("private, no-store");
  expect(body).toMatchObject({
    title: "Wrong request",
    status: 400,
    detail: "limit: too big",
    requestId: "r-1",
    errors: [{ path: "limit" }],
  });
});

test("of a mistake of ours the reader learns the request id and nothing else", async () => {
  const { status, body } = await answer(new Error("password=hunter2"));
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain("hunter2");
  expect(body.detail).toContain("r-1");
  expect(JSON.stringify(await answer(postgres("42P01")).then((one) => one.body))).not.toContain("secret table text");
});

describe("when the database is in trouble", () => {
  test.each([["08006"], ["53300"], ["57P01"], ["57P03"], ["40001"], ["40P01"]])("SQLSTATE %s is 503, to be tried again", async (code) => {
    const { status, headers } = await answer(postgres(code));
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("2");
    expect(isDatabaseTrouble(new Error("drizzle wraps it", { cause: postgres(code) }))).toBe(true);
  });

  test.each([["22021"], ["23505"], ["42601"]])("SQLSTATE %s is a mistake of ours", async (code) => {
    expect((await answer(postgres(code))).status).toBe(500);
  });

  test.each([
    Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" }),
    Object.assign(new Error("connect ENOENT /x/.s.PGSQL.5432"), { code: "ENOENT", syscall: "connect" }),
    new Error("Connection terminated unexpectedly"),
    new Error("timeout exceeded when trying to connect"),
    new AggregateError([Object.assign(new Error("x"), { code: "ECONNREFUSED", syscall: "connect" })], ""),
  ])("a lost connection is 503: %s", async (error) => {
    expect((await answer(error)).status).toBe(503);
  });

  test("a missing file is not a missing database", async () => {
    expect((await answer(Object.assign(new Error("open"), { code: "ENOENT", syscall: "open" }))).status).toBe(500);
  });

  test("a query that was stopped for taking too long says what to do", async () => {
    const { status, body } = await answer(postgres("57014"));
    expect(status).toBe(503);
    expect(body.detail).toMatch(/shorter time range/);
  });
});

test("whoever is not signed in is told how, and whoever is too fast how long to wait", async () => {
  expect((await answer(new AppError("unauthenticated", ""))).headers.get("www-authenticate")).toMatch(/^Bearer/);
  expect((await answer(new AppError("too_many_requests", ""))).headers.get("retry-after")).toBe("60");
});

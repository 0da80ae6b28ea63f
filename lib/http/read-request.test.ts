import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { TracesQuery } from "@/lib/api/contract/traces";
import { AppError } from "@/lib/errors";
import { readBody, readParams, readQuery } from "./read-request";

const Query = z.object({
  service: z.string().max(5).optional(),
  limit: z.coerce.number().int().min(1).default(50),
  tag: z.array(z.string()).optional(),
});
const query = (text: string) => readQuery(new URLSearchParams(text), Query);
function failure(act: () => unknown): AppError {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("It did not fail.");
}

describe("a query", () => {
  test("gives what was asked, with defaults, and takes an empty field of a form as no wish", () => {
    expect(query("service=shop&limit=7")).toEqual({ service: "shop", limit: 7 });
    expect(query("service=&limit=")).toEqual({ limit: 50 });
    expect(query("tag=a&tag=b")).toEqual({ limit: 50, tag: ["a", "b"] });
  });

  test("names every parameter that is wrong, and the unknown ones with those that exist", () => {
    const { code, errors, message } = failure(() => query("sevice=shop&limit=0&service=much+too+long"));
    expect(code).toBe("invalid_request");
    expect(errors.map(({ path }) => path).sort()).toEqual(["limit", "service", "sevice"]);
    expect(errors.find(({ path }) => path === "sevice")?.message).toContain("service, limit, tag");
    expect(message).toContain("sevice");
  });

  test("given twice where one is meant is wrong, not the first or the last", () => {
    expect(failure(() => query("service=a&service=b")).errors[0]?.path).toBe("service");
  });

  test("never reaches the object's prototype and never holds a NUL", () => {
    expect(failure(() => query("__proto__=x")).errors[0]?.path).toBe("__proto__");
    expect(failure(() => query("constructor=x")).errors[0]?.path).toBe("constructor");
    expect(failure(() => query("service=%00")).errors[0]?.message).toContain("NUL");
    expect(failure(() => query("tag=a&tag=%00")).errors[0]?.path).toBe("tag");
  });

  test("of any form is understood or refused with a reason", () => {
    const parameter = fc.tuple(fc.oneof(fc.constantFrom(...Object.keys(TracesQuery.shape)), fc.string()), fc.string());
    fc.assert(
      fc.property(fc.array(parameter), (parameters) => {
        try {
          readQuery(new URLSearchParams(parameters), TracesQuery);
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_request" });
          expect((error as AppError).errors.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});

test("a path says which part is wrong", () => {
  expect(failure(() => readParams({ id: "x" }, z.object({ id: z.string().regex(/^\d+$/, "digits") }))).message).toBe("id: digits");
});

describe("a body", () => {
  const Body = z.object({ key: z.string() });
  const post = (body: BodyInit, type = "application/json") =>
    readBody(new Request("http://localhost/", { method: "POST", body, headers: { "content-type": type } }), Body);

  test("is JSON and says so", async () => {
    await expect(post('{"key":"k"}')).resolves.toEqual({ key: "k" });
    await expect(post('{"key":"k"}', "application/json; charset=utf-8")).resolves.toEqual({ key: "k" });
    await expect(post('{"key":"k"}', "text/plain")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(post("key=k", "application/x-www-form-urlencoded")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(post("{")).rejects.toMatchObject({ code: "invalid_request", message: "The body is not JSON." });
    await expect(post("null")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(post('{"key":1}')).rejects.toMatchObject({ errors: [{ path: "key" }] });
  });

  test("has an end: what is larger than 1 MiB is not read on", async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const request = new Request("http://localhost/", {
      method: "POST",
      body: endless,
      headers: { "content-type": "application/json" },
      duplex: "half",
    } as RequestInit);
    await expect(readBody(request, Body)).rejects.toMatchObject({ code: "too_large" });
    expect(sent).toBeLessThan(4 * 1024 * 1024);
  });
});

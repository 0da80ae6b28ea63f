import { afterEach, expect, test, vi } from "vitest";
import { fetchJson, searchOf } from "./fetch-json";
import { ProblemError } from "./problem-error";
import { retryPassing } from "./queries/retry";

afterEach(() => void vi.unstubAllGlobals());
const answerWith = (make: () => Promise<Response> | Response) => vi.stubGlobal("fetch", async () => make());
const failure = () => fetchJson("SetupResponse", "/api/setup").catch((error: unknown) => error as ProblemError);

test("the same wish gives the same address, whatever order it was made in", () => {
  expect(searchOf({ service: "a b", limit: 5, q: undefined, name: "", attr: ["k=v", "x=y"] })).toBe(
    "?attr=k%3Dv&attr=x%3Dy&limit=5&service=a+b",
  );
  expect(searchOf({ limit: 5, service: "x" })).toBe(searchOf({ service: "x", limit: 5 }));
  expect(searchOf({})).toBe("");
});

test("an error says what the server said, with the id to report it by", async () => {
  const problem = {
    type: "t",
    title: "Wrong request",
    status: 400,
    detail: "limit: too big",
    requestId: "r1",
    errors: [{ path: "limit", message: "too big" }],
  };
  answerWith(() => new Response(JSON.stringify(problem), { status: 400, headers: { "content-type": "application/problem+json" } }));
  expect(await failure()).toMatchObject({ message: "limit: too big", status: 400, requestId: "r1", errors: problem.errors });
});

test("a proxy's page of HTML, half an answer and no answer are errors as well, and worth another try", async () => {
  answerWith(() => new Response("<html>", { status: 502, statusText: "Bad Gateway" }));
  expect(await failure()).toMatchObject({ status: 502, message: "The server answered 502 Bad Gateway." });
  answerWith(() => new Response("{", { status: 503, headers: { "content-type": "application/problem+json" } }));
  expect(await failure()).toMatchObject({ status: 503 });
  answerWith(() => Promise.reject(new TypeError("Failed to fetch")));
  const none = (await failure()) as ProblemError;
  expect(none).toBeInstanceOf(ProblemError);
  expect(none.status).toBe(0);
  expect(retryPassing(0, none)).toBe(true);
  expect(retryPassing(2, none)).toBe(false);
});

test("a wrong question is not asked again", () => {
  for (const [status, again] of [
    [400, false],
    [401, false],
    [404, false],
    [429, true],
    [503, true],
  ] as const) {
    expect(retryPassing(0, new ProblemError({ status, title: "", detail: "", requestId: null })), String(status)).toBe(again);
  }
});

test("a question that nobody waits for any more is not an error of the server", async () => {
  const abort = new AbortController();
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    abort.abort();
    init.signal?.throwIfAborted();
  });
  await expect(fetchJson("SetupResponse", "/api/setup", { signal: abort.signal })).rejects.toThrow(/abort/i);
});

test("a page whose session ended goes to sign in and comes back; the form that signs in stays where it is", async () => {
  const assign = vi.fn();
  vi.stubGlobal("location", { pathname: "/traces", search: "?q=a b", assign });
  answerWith(() => new Response("{}", { status: 401, headers: { "content-type": "application/problem+json" } }));
  await failure();
  expect(assign.mock.calls).toEqual([["/sign-in?next=%2Ftraces%3Fq%3Da%20b"]]);
  await fetchJson("SignInResponse", "/api/sign-in", { method: "POST", body: {} }).catch(() => {});
  vi.stubGlobal("location", { pathname: "/sign-in", search: "", assign });
  await failure();
  expect(assign).toHaveBeenCalledTimes(1);
});

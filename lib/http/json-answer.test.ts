import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonAnswer, jsonPieces } from "./json-answer";

async function joined(value: Record<string, unknown>): Promise<string> {
  let text = "";
  for await (const piece of jsonPieces(value)) text += piece;
  return text;
}

test("an answer written in pieces is the same as one written at once", async () => {
  const field = fc.oneof(
    fc.jsonValue(),
    fc.constant(undefined),
    fc.tuple(fc.integer({ min: 1_001, max: 3_000 }), fc.jsonValue()).map(([length, item]) => Array.from({ length }, () => item)),
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), field, { noNullPrototype: true }), async (value) => {
      expect(await joined(value)).toBe(JSON.stringify(value));
    }),
    { numRuns: 60 },
  );
});

test("a trace of 100 000 spans does not keep other requests waiting", async () => {
  const spans = Array.from({ length: 100_000 }, (_, at) => ({ spanId: String(at), name: "GET /users/:id", depth: at % 9 }));
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const text = await jsonAnswer({ spans }, new Headers()).text();
  clearInterval(timer);
  expect(JSON.parse(text).spans).toHaveLength(100_000);
  expect(turns).toBeGreaterThan(5);
});

test("a reader who leaves stops the writing", async () => {
  let made = 0;
  const item = { toJSON: () => made++ };
  const { body } = jsonAnswer({ items: Array.from({ length: 200_000 }, () => item) }, new Headers());
  const reader = body?.getReader();
  await reader?.read();
  await reader?.cancel();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(made).toBeLessThan(100_000);
});

import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32 } from "./crc32";
import { hashOfToken, hintOfToken, isWellFormedToken, newToken } from "./key-token";

const SCOPES = ["ingest", "read", "admin"] as const;

test("a new key is well-formed, says its scope, and is never the same twice", () => {
  for (const scope of SCOPES) {
    const token = newToken(scope);
    expect(token).toMatch({ ingest: /^sw_ing_/, read: /^sw_read_/, admin: /^sw_adm_/ }[scope]);
    expect(isWellFormedToken(token)).toBe(true);
    expect(newToken(scope)).not.toBe(token);
    expect(token.length).toBeLessThanOrEqual(60);
  }
});

test("a mistyped key is refused without asking the database", () => {
  const token = newToken("read");
  for (let at = 0; at < token.length; at++) {
    const typo = token.slice(0, at) + (token[at] === "x" ? "y" : "x") + token.slice(at + 1);
    expect(isWellFormedToken(typo), typo).toBe(false);
  }
  expect(isWellFormedToken(`${token} `)).toBe(false);
  expect(isWellFormedToken(`${token}\n`)).toBe(false);
  expect(isWellFormedToken(token.slice(1))).toBe(false);
  fc.assert(fc.property(fc.string(), (text) => !isWellFormedToken(text)));
});

test("the checksum is CRC-32 as everybody computes it", () => {
  expect(crc32("123456789")).toBe(0xcbf43926);
  if (zlibCrc32) fc.assert(fc.property(fc.string({ unit: "binary-ascii" }), (text) => crc32(text) === zlibCrc32(text)));
});

test("what is shown and stored of a key does not give it away", () => {
  const token = newToken("admin");
  expect(hintOfToken(token)).toMatch(/^sw_adm_…[0-9A-Za-z]{4}$/);
  expect(hashOfToken(token).toString("latin1")).not.toContain(token.slice(7, 20));
  expect(hashOfToken(token)).toHaveLength(32);
});

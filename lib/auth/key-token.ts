import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "./crc32";

export type KeyScope = "ingest" | "read" | "admin";

const PREFIX: Record<KeyScope, string> = { ingest: "sw_ing_", read: "sw_read_", admin: "sw_adm_" };
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const FORM = /^sw_(?:ing|read|adm)_([0-9A-Za-z]{43})_([0-9A-Za-z]{6})$/;

/**
 * A new secret: `sw_<scope>_<256 random bits>_<CRC-32>`, digits in base 62. The prefix lets scanners of repositories find leaked keys,
 * the checksum lets us refuse a mistyped key without asking the database (reliability-security.md §4.3).
 */
export function newToken(scope: KeyScope): string {
  const secret = base62(BigInt(`0x${randomBytes(32).toString("hex")}`), 43);
  return `${PREFIX[scope]}${secret}_${checksum(PREFIX[scope] + secret)}`;
}

/** Whether `token` has the form of a key of ours and its checksum fits. Says nothing about whether it exists. */
export function isWellFormedToken(token: string): boolean {
  const match = FORM.exec(token);
  return match !== null && checksum(token.slice(0, token.length - 7)) === match[2];
}

/** What is stored of a key. Plain SHA-256: a secret of 256 random bits cannot be guessed, so a slow hash would only slow down ingest. */
export const hashOfToken = (token: string): Buffer => createHash("sha256").update(token).digest();

/** What may be shown of a key: `sw_read_…aB3x`. */
export const hintOfToken = (token: string): string => `${token.slice(0, token.indexOf("_", 3) + 1)}…${token.slice(-4)}`;

const checksum = (text: string): string => base62(BigInt(crc32(text)), 6);

function base62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = DIGITS[Number(rest % 62n)] + text;
  return text;
}

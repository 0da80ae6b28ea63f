import { createHash, randomInt } from "node:crypto";

const COUNTER_BITS = 22n;
const COUNTER_SIZE = 2 ** 22;

let lastMs = 0;
let counter = randomInt(COUNTER_SIZE);

/**
 * A new id for a row of ours: Unix ms in the upper bits, so that ids of one time lie together in an index, below it a counter that
 * begins at random, so that several ingests do not meet. Positive int8 until the year 2248.
 */
export function newId(nowMs: number = Date.now()): bigint {
  // A clock that is set back must not bring ids a second time.
  lastMs = Math.max(lastMs, nowMs);
  counter += 1;
  if (counter >= COUNTER_SIZE) {
    counter = 0;
    lastMs += 1;
  }
  return (BigInt(lastMs) << COUNTER_BITS) | BigInt(counter);
}

/** The id of content: the first 8 bytes of its SHA-256, as a signed int8. Every ingest makes the same, without asking. */
export function contentId(...parts: (string | Uint8Array)[]): bigint {
  const hash = createHash("sha256");
  for (const part of parts) {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    // The length first: without it ("ab", "c") and ("a", "bc") would be the same content.
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest().readBigInt64BE(0);
}

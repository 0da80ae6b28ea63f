/** Tells whether the bytes of an attribute's key are one of a few known keys, without making a string of them. */
export class KeyTable {
  /** By `signOf`: 0 when none of the keys has this first letter and length, which turns nearly every key away at one look. */
  readonly candidates = new Uint8Array(64 * 128);
  readonly #keys: readonly Uint8Array[];

  constructor(keys: readonly string[]) {
    this.#keys = keys.map((key) => Uint8Array.from(Buffer.from(key)));
    for (const key of this.#keys) this.candidates[signOf(key[0] as number, key.length)] = 1;
  }

  /** Index among the keys, or −1. */
  find(bytes: Uint8Array, at: number, length: number): number {
    return this.#keys.findIndex((key) => key.length === length && isAt(bytes, at, key));
  }
}

/** First letter and length of a key in one small number. */
export const signOf = (first: number, length: number): number => ((length & 63) << 7) | (first & 127);

function isAt(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return false;
  return true;
}

/**
 * Tells whether the bytes of an attribute's key are one of a few known keys, without making a string of them. Nearly every key is
 * turned away by one look: no known key has its length and first letter.
 */
export class KeyTable {
  readonly #keys: readonly Uint8Array[];
  readonly #candidates = new Uint8Array(64 * 128);

  constructor(keys: readonly string[]) {
    this.#keys = keys.map((key) => Uint8Array.from(Buffer.from(key)));
    for (const key of this.#keys) this.#candidates[signOf(key[0] as number, key.length)] = 1;
  }

  /** False when it is none of them; true when it is worth a closer look. */
  mayHave(bytes: Uint8Array, at: number, length: number): boolean {
    return this.#candidates[signOf(bytes[at] as number, length)] !== 0;
  }

  /** Index among the keys, or −1. */
  find(bytes: Uint8Array, at: number, length: number): number {
    return this.#keys.findIndex((key) => key.length === length && isAt(bytes, at, key));
  }
}

const signOf = (first: number, length: number): number => ((length & 63) << 7) | (first & 127);

function isAt(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return false;
  return true;
}

import { FieldCursor, WIRE, WireFault } from "@/lib/otel/wire";
import { type KeyTable, signOf } from "./key-table";
import type { DecodeLimits } from "./limits";

/**
 * Reads KeyValue fields without making objects of them: checks that their bytes are sound to the last, notes those over a limit, and
 * remembers where the values stand of the few keys that a dialect speaks in. On the hot path, a dozen times per span.
 */
export class AttributeReader {
  /** Bit `i` is set when key `i` of the table was seen since `restart()`. */
  signs = 0;
  /** Set when a key or value over its limit was seen since `restart()`. */
  oversize = false;
  readonly #bytes: Uint8Array;
  readonly #table: KeyTable;
  /** Of the limits and the table, what is looked at for every attribute. */
  readonly #keyBytes: number;
  readonly #valueBytes: number;
  readonly #valueDepth: number;
  readonly #candidates: Uint8Array;
  readonly #signAt: Int32Array;
  readonly #signEnd: Int32Array;

  constructor(bytes: Uint8Array, limits: DecodeLimits, table: KeyTable, keys: number) {
    this.#bytes = bytes;
    this.#table = table;
    this.#keyBytes = limits.attributeKeyBytes;
    this.#valueBytes = limits.attributeValueBytes;
    this.#valueDepth = limits.valueDepth;
    this.#candidates = table.candidates;
    this.#signAt = new Int32Array(keys);
    this.#signEnd = new Int32Array(keys);
  }

  restart(): void {
    this.signs = 0;
    this.oversize = false;
  }

  has(key: number): boolean {
    return (this.signs & (1 << key)) !== 0;
  }

  /** The AnyValue of a key of the table, as a message to walk; empty when it was not seen. Of duplicates the first counts. */
  valueOf(key: number): FieldCursor {
    return this.has(key) ? new FieldCursor(this.#bytes, this.#signAt[key], this.#signEnd[key]) : new FieldCursor(this.#bytes, 0, 0);
  }

  /** Reads the KeyValue message from `at` to `end`. */
  read(at: number, end: number): void {
    const bytes = this.#bytes;
    // Nearly always: a key of less than 128 bytes, and behind it a value that fills the rest.
    const keyLength = end - at >= 4 && bytes[at] === KEY ? (bytes[at + 1] as number) : 0x80;
    const valueTagAt = at + 2 + keyLength;
    const valueAt = keyLength < 0x80 && valueTagAt < end && bytes[valueTagAt] === VALUE ? lengthReaching(bytes, valueTagAt + 1, end) : -1;
    if (valueAt < 0 || !this.#isSoundScalar(valueAt, end)) {
      this.#readSlowly(at, end);
      return;
    }
    if (keyLength > this.#keyBytes) this.oversize = true;
    if (this.#candidates[signOf(bytes[at + 2] as number, keyLength)] !== 0) this.#sign(at + 2, keyLength, valueAt, end);
  }

  /** Whether an AnyValue is one text, bytes, number or nothing at all, sound to its last byte and within the limit. */
  #isSoundScalar(at: number, end: number): boolean {
    const bytes = this.#bytes;
    const size = end - at;
    if (size === 0) return true;
    switch (bytes[at]) {
      case STRING:
      case BYTES: {
        const contentAt = lengthReaching(bytes, at + 1, end);
        return contentAt >= 0 && end - contentAt <= this.#valueBytes;
      }
      case INT:
      case BOOL: {
        let last = at + 1;
        while (last < end && (bytes[last] as number) >= 0x80) last++;
        return last === end - 1 && size <= 11;
      }
      case DOUBLE:
        return size === 9;
      default:
        return false;
    }
  }

  #readSlowly(at: number, end: number): void {
    const fields = new FieldCursor(this.#bytes, at, end);
    let keyAt = at;
    let keyLength = 0;
    let valueAt = end;
    let valueEnd = end;
    while (fields.next()) {
      if (fields.field > 2) continue;
      if (fields.wire !== WIRE.bytes) throw wrongWire(fields);
      if (fields.field === 1) {
        keyAt = fields.valueAt;
        keyLength = fields.valueEnd - keyAt;
      } else {
        // Checked one by one: of several the last counts, but all of them are stored.
        ({ valueAt, valueEnd } = fields);
        this.#valueSlowly(valueAt, valueEnd, 0);
      }
    }
    if (keyLength > this.#keyBytes) this.oversize = true;
    this.#sign(keyAt, keyLength, valueAt, valueEnd);
  }

  #sign(keyAt: number, keyLength: number, valueAt: number, valueEnd: number): void {
    const key = this.#table.find(this.#bytes, keyAt, keyLength);
    if (key < 0 || this.has(key)) return;
    this.signs |= 1 << key;
    this.#signAt[key] = valueAt;
    this.#signEnd[key] = valueEnd;
  }

  /** Reads an AnyValue that stands alone, a log record's body. */
  readValue(at: number, end: number): void {
    this.#valueSlowly(at, end, 0);
  }

  #valueSlowly(at: number, end: number, depth: number): void {
    const limit = this.#valueBytes;
    const fields = new FieldCursor(this.#bytes, at, end);
    while (fields.next()) {
      if (fields.field > 7) continue;
      if (fields.wire !== VALUE_WIRES[fields.field]) throw wrongWire(fields);
      if (fields.wire !== WIRE.bytes) continue;
      if (depth === 0 && fields.valueEnd - fields.valueAt > limit) this.oversize = true;
      if (fields.field === 5 || fields.field === 6) this.#nested(fields.valueAt, fields.valueEnd, depth + 1, fields.field === 6);
    }
  }

  #nested(at: number, end: number, depth: number, isMap: boolean): void {
    if (depth > this.#valueDepth) throw new WireFault(`values nested deeper than ${this.#valueDepth}`, at);
    const fields = new FieldCursor(this.#bytes, at, end);
    while (fields.next()) {
      if (fields.field > 1) continue;
      if (fields.wire !== WIRE.bytes) throw wrongWire(fields);
      if (isMap) this.#nestedPair(fields.valueAt, fields.valueEnd, depth);
      else this.#valueSlowly(fields.valueAt, fields.valueEnd, depth);
    }
  }

  #nestedPair(at: number, end: number, depth: number): void {
    const fields = new FieldCursor(this.#bytes, at, end);
    while (fields.next()) {
      if (fields.field > 2) continue;
      if (fields.wire !== WIRE.bytes) throw wrongWire(fields);
      if (fields.field === 2) this.#valueSlowly(fields.valueAt, fields.valueEnd, depth);
    }
  }
}

/** A field that OTLP has, with a wire type that it does not have there: the sender means something else than we would read. */
export const wrongWire = (fields: FieldCursor): WireFault => new WireFault(`wrong wire type ${fields.wire}`, fields.fieldAt);

const KEY = 0x0a;
const VALUE = 0x12;
const STRING = 0x0a;
const BOOL = 0x10;
const INT = 0x18;
const DOUBLE = 0x21;
const BYTES = 0x3a;
/** Wire types of AnyValue's fields 1 to 7. */
const VALUE_WIRES = [-1, WIRE.bytes, WIRE.varint, WIRE.varint, WIRE.fixed64, WIRE.bytes, WIRE.bytes, WIRE.bytes];

/** Where the content begins whose length stands at `at`, if that length (of one or two bytes) reaches exactly to `end`; else −1. */
function lengthReaching(bytes: Uint8Array, at: number, end: number): number {
  const size = end - at;
  if (size < 1) return -1;
  const low = bytes[at] as number;
  if (low < 0x80) return low === size - 1 ? at + 1 : -1;
  if (size < 2) return -1;
  const high = bytes[at + 1] as number;
  return high < 0x80 && (high << 7) + (low & 0x7f) === size - 2 ? at + 2 : -1;
}

import { FieldCursor, WIRE, WireFault } from "@/lib/otel/wire";
import type { KeyTable } from "./key-table";
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
  readonly #limits: DecodeLimits;
  readonly #table: KeyTable;
  readonly #signAt: Int32Array;
  readonly #signEnd: Int32Array;

  constructor(bytes: Uint8Array, limits: DecodeLimits, table: KeyTable, keys: number) {
    this.#bytes = bytes;
    this.#limits = limits;
    this.#table = table;
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
    // Nearly always: key, then value, each with a length of one byte.
    if (end - at > 3 && bytes[at] === KEY) {
      const keyLength = bytes[at + 1] as number;
      const valueTagAt = at + 2 + keyLength;
      if (keyLength < 0x80 && valueTagAt + 1 < end && bytes[valueTagAt] === VALUE && bytes[valueTagAt + 1] === end - valueTagAt - 2) {
        if (end - valueTagAt - 2 < 0x80) {
          this.#pair(at + 2, keyLength, valueTagAt + 2, end);
          return;
        }
      }
    }
    this.#readSlowly(at, end);
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
        ({ valueAt, valueEnd } = fields);
      }
    }
    this.#pair(keyAt, keyLength, valueAt, valueEnd);
  }

  #pair(keyAt: number, keyLength: number, valueAt: number, valueEnd: number): void {
    if (keyLength > this.#limits.attributeKeyBytes) this.oversize = true;
    const key = this.#table.find(this.#bytes, keyAt, keyLength);
    if (key >= 0 && !this.has(key)) {
      this.signs |= 1 << key;
      this.#signAt[key] = valueAt;
      this.#signEnd[key] = valueEnd;
    }
    this.#value(valueAt, valueEnd);
  }

  /** Checks an AnyValue. Text and whole numbers of one byte, most of what there is, are seen to be sound at a glance. */
  #value(at: number, end: number): void {
    const bytes = this.#bytes;
    const size = end - at;
    if (size < 2) {
      if (size === 1) throw new WireFault("truncated value", at);
      return;
    }
    const tag = bytes[at];
    const next = bytes[at + 1] as number;
    if (tag === STRING && next < 0x80 && next === size - 2 && next <= this.#limits.attributeValueBytes) return;
    if ((tag === INT || tag === BOOL) && size === 2 && next < 0x80) return;
    this.#valueSlowly(at, end, 0);
  }

  /** Reads an AnyValue that stands alone, a log record's body. */
  readValue(at: number, end: number): void {
    this.#valueSlowly(at, end, 0);
  }

  #valueSlowly(at: number, end: number, depth: number): void {
    const limit = this.#limits.attributeValueBytes;
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
    if (depth > this.#limits.valueDepth) throw new WireFault(`values nested deeper than ${this.#limits.valueDepth}`, at);
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
/** Wire types of AnyValue's fields 1 to 7. */
const VALUE_WIRES = [-1, WIRE.bytes, WIRE.varint, WIRE.varint, WIRE.fixed64, WIRE.bytes, WIRE.bytes, WIRE.bytes];

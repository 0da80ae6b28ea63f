/**
 * The protobuf wire format, read and written by hand (https://protobuf.dev/programming-guides/encoding). Shared by everything that
 * touches stored OTLP bytes; needs no Buffer, so the browser can use it too. Longer than most files: reader and writer are the two halves
 * of one format and are best read side by side.
 */

/** What the three low bits of a tag say of the value behind it. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;

/** Values inside values (arrays, maps) deeper than this are not read (reliability-security.md R9). */
export const MAX_VALUE_DEPTH = 64;

const MAX_GROUP_DEPTH = 64;
const MAX_FIELD_NUMBER = 0x1fffffff;

/** Bytes that are not protobuf. `offset` is where reading stopped, in the array that was read. */
export class WireFault extends Error {
  readonly reason: string;
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(`${reason} at byte ${offset}`);
    this.name = "WireFault";
    this.reason = reason;
    this.offset = offset;
  }
}

/** A tag, as one number. */
const tagOf = (field: number, wire: number): number => field * 8 + wire;

/**
 * Walks the fields of one message: `next()` reads a whole field, tag and value, and stands behind it. Throws WireFault on bytes that
 * are truncated or no protobuf; says nothing of what a field means.
 */
export class FieldCursor {
  readonly bytes: Uint8Array;
  at: number;
  end: number;
  /** Offset of the tag of the field just read. */
  fieldAt = 0;
  field = 0;
  wire = 0;
  /** Where a length-delimited value (or a group's inside) begins and ends. */
  valueAt = 0;
  valueEnd = 0;
  /** The two halves of a varint or of a fixed value; `high` is 0 for fixed32. */
  low = 0;
  high = 0;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Walks another message of the same bytes. */
  reset(at: number, end: number): void {
    this.at = at;
    this.end = end;
  }

  next(): boolean {
    const { bytes, at, end } = this;
    if (at >= end) return false;
    this.fieldAt = at;
    // Nearly every field: a tag of one byte, a length of one byte.
    const tag = bytes[at] as number;
    if (tag >= 8 && tag < 0x80) {
      this.field = tag >>> 3;
      this.wire = tag & 7;
      this.at = at + 1;
      if (this.wire === WIRE.bytes && at + 1 < end) {
        const length = bytes[at + 1] as number;
        if (length < 0x80 && length <= end - at - 2) {
          this.valueAt = at + 2;
          this.valueEnd = this.at = at + 2 + length;
          return true;
        }
      }
    } else this.#tag();
    this.#value(0);
    return true;
  }

  /** Tag of the field just read, as one number to switch on: field and wire type at once. */
  get tag(): number {
    return this.field * 8 + this.wire;
  }

  #tag(): void {
    this.#varint();
    if (this.high !== 0 || this.low >>> 3 === 0 || this.low >>> 3 > MAX_FIELD_NUMBER) throw new WireFault("bad field number", this.fieldAt);
    this.field = this.low >>> 3;
    this.wire = this.low & 7;
  }

  #value(groups: number): void {
    switch (this.wire) {
      case WIRE.varint:
        this.#varint();
        return;
      case WIRE.fixed64:
        this.low = this.#fixed32();
        this.high = this.#fixed32();
        return;
      case WIRE.bytes:
        this.#varint();
        if (this.high !== 0 || this.low > this.end - this.at) throw new WireFault("length runs past the end", this.fieldAt);
        this.valueAt = this.at;
        // As an integer: `low` can hold any 32 bits, and offsets derived from it would become floating-point numbers, at half the speed.
        this.valueEnd = this.at = (this.at + this.low) | 0;
        return;
      case WIRE.groupStart:
        this.#group(groups);
        return;
      case WIRE.fixed32:
        this.low = this.#fixed32();
        this.high = 0;
        return;
      default:
        throw new WireFault(`bad wire type ${this.wire}`, this.fieldAt);
    }
  }

  /** Groups are long deprecated; OTLP has none, but an unknown field may be one and must be skipped whole. */
  #group(groups: number): void {
    if (groups >= MAX_GROUP_DEPTH) throw new WireFault("groups nested too deeply", this.fieldAt);
    const { field, fieldAt } = this;
    const insideAt = this.at;
    for (;;) {
      if (this.at >= this.end) throw new WireFault("group without end", fieldAt);
      const innerAt = this.at;
      this.#tag();
      if (this.wire === WIRE.groupEnd) {
        if (this.field !== field) throw new WireFault("group closed by another field", innerAt);
        this.wire = WIRE.groupStart;
        this.fieldAt = fieldAt;
        this.valueAt = insideAt;
        this.valueEnd = innerAt;
        return;
      }
      this.#value(groups + 1);
    }
  }

  #fixed32(): number {
    const { bytes, at } = this;
    if (this.end - at < 4) throw new WireFault("truncated fixed value", this.fieldAt);
    this.at = at + 4;
    return (
      ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>>
      0
    );
  }

  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.end) throw new WireFault("truncated varint", this.fieldAt);
      const byte = this.bytes[this.at++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= (bits & 1) << 31;
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw new WireFault("varint of more than 10 bytes", this.fieldAt);
  }
}

/**
 * Writes a message from its last field to its first, so that every length is known when it is written and nothing is copied twice.
 * A nested message: `const end = writer.length`, its fields in reverse, then `writer.close(field, end)`.
 */
export class BackwardWriter {
  #bytes: Uint8Array;
  #at: number;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
    this.#at = capacity;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** What was written; a view, valid until the next write. */
  finish(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  /** Takes back what was written since the length was `length`. */
  rewind(length: number): void {
    this.#at = this.#bytes.length - length;
  }

  /** Makes what was written since `end` the value of length-delimited field `field`. */
  close(field: number, end: number): void {
    this.#varint(this.length - end);
    this.#varint(tagOf(field, WIRE.bytes));
  }

  varint(field: number, value: number): void {
    this.#varint(value);
    this.#varint(tagOf(field, WIRE.varint));
  }

  /** An int64 or uint64, as its 64 bits. */
  varint64(field: number, value: bigint): void {
    const bits = BigInt.asUintN(64, value);
    const bytes: number[] = [];
    for (let rest = bits; bytes.length === 0 || rest > 0n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    this.raw(Uint8Array.from(bytes));
    this.#varint(tagOf(field, WIRE.varint));
  }

  fixed32(field: number, value: number): void {
    this.#word(value);
    this.#varint(tagOf(field, WIRE.fixed32));
  }

  fixed64(field: number, value: bigint): void {
    this.#word(Number(BigInt.asUintN(32, value >> 32n)));
    this.#word(Number(BigInt.asUintN(32, value)));
    this.#varint(tagOf(field, WIRE.fixed64));
  }

  double(field: number, value: number): void {
    DOUBLE.setFloat64(0, value, true);
    this.raw(new Uint8Array(DOUBLE.buffer));
    this.#varint(tagOf(field, WIRE.fixed64));
  }

  bytes(field: number, value: Uint8Array): void {
    this.raw(value);
    this.#varint(value.length);
    this.#varint(tagOf(field, WIRE.bytes));
  }

  /** Lone surrogates, which UTF-8 cannot say, become a byte that no reader takes for text, so that they are noticed as damage. */
  text(field: number, value: string): void {
    const end = this.length;
    this.#text(value);
    this.close(field, end);
  }

  /** Bytes that are fields already. */
  raw(value: Uint8Array): void {
    this.#room(value.length);
    this.#at -= value.length;
    this.#bytes.set(value, this.#at);
  }

  #text(value: string): void {
    const { length } = value;
    this.#room(length);
    const start = this.#at - length;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) {
        this.raw(utf8Of(value));
        return;
      }
      this.#bytes[start + i] = code;
    }
    this.#at = start;
  }

  #word(value: number): void {
    this.#room(4);
    this.#at -= 4;
    const { length, byteOffset, buffer } = this.#bytes;
    new DataView(buffer, byteOffset, length).setUint32(this.#at, value, true);
  }

  #varint(value: number): void {
    this.#room(10);
    let size = 1;
    for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size++;
    this.#at -= size;
    let rest = value;
    for (let i = 0; i < size; i++) {
      this.#bytes[this.#at + i] = (rest % 128) | (i < size - 1 ? 0x80 : 0);
      rest = Math.floor(rest / 128);
    }
  }

  #room(size: number): void {
    if (size <= this.#at) return;
    const { length } = this;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, length + size));
    larger.set(this.finish(), larger.length - length);
    this.#bytes = larger;
    this.#at = larger.length - length;
  }
}

const DOUBLE = new DataView(new ArrayBuffer(8));
const ENCODER = new TextEncoder();
const LONE_SURROGATE = /\p{Surrogate}/gu;
const NO_TEXT = 0xff;

function utf8Of(value: string): Uint8Array {
  const pieces = value.split(LONE_SURROGATE);
  if (pieces.length === 1) return ENCODER.encode(value);
  const encoded = pieces.map((piece) => ENCODER.encode(piece));
  const bytes = new Uint8Array(encoded.reduce((sum, piece) => sum + piece.length + 1, -1)).fill(NO_TEXT);
  let at = 0;
  for (const piece of encoded) {
    bytes.set(piece, at);
    at += piece.length + 1;
  }
  return bytes;
}

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });
/** Up to here, putting characters together beats calling the decoder. */
const SHORT_TEXT = 24;

/** The text at these bytes; what is no UTF-8 reads as U+FFFD. */
export function readText(bytes: Uint8Array, at: number, end: number): string {
  if (end - at > SHORT_TEXT) return DECODER.decode(bytes.subarray(at, end));
  let text = "";
  for (let i = at; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte >= 0x80) return DECODER.decode(bytes.subarray(at, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Decimal text of an int64 given as its two halves. */
export function readInt64(high: number, low: number): string {
  if (high === 0) return String(low);
  return String(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)));
}

/** The uint64 of two halves. */
export const uint64Of = (high: number, low: number): bigint => (BigInt(high) << 32n) | BigInt(low);

/** The double whose bits are these two halves. */
export function readDouble(high: number, low: number): number {
  DOUBLE.setUint32(0, low, true);
  DOUBLE.setUint32(4, high, true);
  return DOUBLE.getFloat64(0, true);
}

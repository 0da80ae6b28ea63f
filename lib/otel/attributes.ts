import { BackwardWriter, FieldCursor, MAX_VALUE_DEPTH, readDouble, readInt64, readText, WIRE, WireFault } from "./wire";

/**
 * One attribute. Keys are data, never paths (reliability-security.md §0.10): lists of these, no objects made from keys. Integers are
 * decimal text, because int64 does not fit a number; doubles keep NaN and ±Infinity.
 */
export interface Attribute {
  key: string;
  value: AttributeValue;
}

export type AttributeValue =
  | { type: "string"; value: string }
  | { type: "bool"; value: boolean }
  | { type: "int"; value: string }
  | { type: "double"; value: number }
  | { type: "bytes"; value: Uint8Array }
  | { type: "array"; value: AttributeValue[] }
  | { type: "kvlist"; value: Attribute[] }
  | { type: "empty" };

/** Set by a decoder that met bytes it could not read: what it returned is what stood before them. */
export interface Damage {
  damaged: boolean;
}

/**
 * The attributes of stored OTLP bytes: KeyValue fields one after the other, each with the tag it had in its parent message (1 in a
 * Resource, 9 in a Span, 6 in a LogRecord), so any length-delimited field is taken for one. Never throws: what can be read is
 * returned, in order and with duplicates, and `damage` is set.
 */
export function decodeAttributes(bytes: Uint8Array, damage: Damage = { damaged: false }): Attribute[] {
  const attributes: Attribute[] = [];
  readSafely(damage, () => {
    const fields = new FieldCursor(bytes);
    while (fields.next()) {
      if (fields.wire !== WIRE.bytes) damage.damaged = true;
      else readSafely(damage, () => attributes.push(keyValue(bytes, fields.valueAt, fields.valueEnd, 0, damage)));
    }
  });
  return attributes;
}

/** An AnyValue message, as a log record's body is stored. Never throws; unreadable bytes are `empty` and set `damage`. */
export function decodeAnyValue(bytes: Uint8Array, damage: Damage = { damaged: false }): AttributeValue {
  let value: AttributeValue = { type: "empty" };
  readSafely(damage, () => {
    value = anyValue(bytes, 0, bytes.length, 0, damage);
  });
  return value;
}

/** The value of the first attribute with this key, or null; looks at keys as bytes and decodes no other attribute. */
export function findAttribute(bytes: Uint8Array, key: string): AttributeValue | null {
  const wanted = ENCODER.encode(key);
  const damage: Damage = { damaged: false };
  let found: AttributeValue | null = null;
  readSafely(damage, () => {
    const fields = new FieldCursor(bytes);
    while (fields.next()) {
      if (fields.wire !== WIRE.bytes || !hasKey(bytes, fields.valueAt, fields.valueEnd, wanted)) continue;
      found = keyValue(bytes, fields.valueAt, fields.valueEnd, 0, damage).value;
      return;
    }
  });
  return found;
}

/** One KeyValue field as OTLP bytes, with the tag of `field` (1: as in a Resource). */
export function encodeKeyValue(key: string, value: AttributeValue, field = 1): Uint8Array {
  const writer = new BackwardWriter(64);
  writeKeyValue(writer, field, key, value);
  return writer.finish().slice();
}

/** Writes one KeyValue field. */
export function writeKeyValue(writer: BackwardWriter, field: number, key: string, value: AttributeValue): void {
  keyValueTo(writer, field, key, value, 0);
}

const ENCODER = new TextEncoder();

/** Runs `read` until it meets bytes that are not protobuf; what it has gathered till then stands. */
export function readSafely(damage: Damage, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    damage.damaged = true;
  }
}

function keyValue(bytes: Uint8Array, at: number, end: number, depth: number, damage: Damage): Attribute {
  const attribute: Attribute = { key: "", value: { type: "empty" } };
  const fields = new FieldCursor(bytes, at, end);
  while (fields.next()) {
    if (fields.wire !== WIRE.bytes) continue;
    if (fields.field === 1) attribute.key = readText(bytes, fields.valueAt, fields.valueEnd);
    else if (fields.field === 2) attribute.value = anyValue(bytes, fields.valueAt, fields.valueEnd, depth, damage);
  }
  return attribute;
}

function hasKey(bytes: Uint8Array, at: number, end: number, wanted: Uint8Array): boolean {
  const fields = new FieldCursor(bytes, at, end);
  let same = wanted.length === 0;
  while (fields.next()) {
    if (fields.field !== 1 || fields.wire !== WIRE.bytes) continue;
    const { valueAt } = fields;
    same = fields.valueEnd - valueAt === wanted.length && wanted.every((byte, i) => bytes[valueAt + i] === byte);
  }
  return same;
}

/** Of a value that is set more than once, the last one counts (protobuf `oneof`). */
function anyValue(bytes: Uint8Array, at: number, end: number, depth: number, damage: Damage): AttributeValue {
  let value: AttributeValue = { type: "empty" };
  const fields = new FieldCursor(bytes, at, end);
  while (fields.next()) {
    const { valueAt, valueEnd, high, low } = fields;
    switch (fields.tag) {
      case 10:
        value = { type: "string", value: readText(bytes, valueAt, valueEnd) };
        break;
      case 16:
        value = { type: "bool", value: low !== 0 || high !== 0 };
        break;
      case 24:
        value = { type: "int", value: readInt64(high, low) };
        break;
      case 33:
        value = { type: "double", value: readDouble(high, low) };
        break;
      case 42:
      case 50:
        value = nested(bytes, valueAt, valueEnd, depth + 1, fields.field === 5, damage);
        break;
      case 58:
        // A copy: the slice of a Buffer would be a view and keep a whole row alive.
        value = { type: "bytes", value: new Uint8Array(bytes.subarray(valueAt, valueEnd)) };
        break;
    }
  }
  return value;
}

function nested(bytes: Uint8Array, at: number, end: number, depth: number, isArray: boolean, damage: Damage): AttributeValue {
  const values: AttributeValue[] = [];
  const entries: Attribute[] = [];
  if (depth > MAX_VALUE_DEPTH) damage.damaged = true;
  else {
    const fields = new FieldCursor(bytes, at, end);
    while (fields.next()) {
      if (fields.tag !== 10) continue;
      if (isArray) values.push(anyValue(bytes, fields.valueAt, fields.valueEnd, depth, damage));
      else entries.push(keyValue(bytes, fields.valueAt, fields.valueEnd, depth, damage));
    }
  }
  return isArray ? { type: "array", value: values } : { type: "kvlist", value: entries };
}

function keyValueTo(writer: BackwardWriter, field: number, key: string, value: AttributeValue, depth: number): void {
  const end = writer.length;
  anyValueTo(writer, 2, value, depth);
  writer.text(1, key);
  writer.close(field, end);
}

function anyValueTo(writer: BackwardWriter, field: number, value: AttributeValue, depth: number): void {
  const end = writer.length;
  switch (value.type) {
    case "string":
      writer.text(1, value.value);
      break;
    case "bool":
      writer.varint(2, value.value ? 1 : 0);
      break;
    case "int":
      writer.varint64(3, BigInt(value.value));
      break;
    case "double":
      writer.double(4, value.value);
      break;
    case "bytes":
      writer.bytes(7, value.value);
      break;
    case "array":
      if (depth >= MAX_VALUE_DEPTH) break;
      for (const item of value.value.toReversed()) anyValueTo(writer, 1, item, depth + 1);
      writer.close(5, end);
      break;
    case "kvlist":
      if (depth >= MAX_VALUE_DEPTH) break;
      for (const entry of value.value.toReversed()) keyValueTo(writer, 1, entry.key, entry.value, depth + 1);
      writer.close(6, end);
      break;
    case "empty":
      break;
  }
  writer.close(field, end);
}

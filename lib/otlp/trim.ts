import { FieldCursor } from "@/lib/otel/wire";
import type { DecodeLimits } from "./limits";

/**
 * Cutting down what is over the limits: rare, so it makes new bytes and takes its time. All of it works on bytes that an
 * AttributeReader has found sound, so nothing here throws.
 */

/** How many of `length` bytes of text fit into `limit` without cutting a character in two. */
export function fittingLength(bytes: Uint8Array, at: number, length: number, limit: number): number {
  if (length <= limit) return length;
  let fits = limit;
  while (fits > 0 && limit - fits < 3 && ((bytes[at + fits] as number) & 0xc0) === 0x80) fits--;
  return fits;
}

/** A length-delimited field, tag included. */
export function fieldWith(field: number, content: Uint8Array): Uint8Array {
  return join([varint(field * 8 + 2), varint(content.length), content]);
}

/** A KeyValue message with key and value cut to the limits. */
export function trimKeyValue(bytes: Uint8Array, at: number, end: number, limits: DecodeLimits): Uint8Array {
  return rebuild(bytes, at, end, (fields) => {
    if (fields.field === 1) return cut(fields, limits.attributeKeyBytes);
    if (fields.field === 2) return trimAnyValue(bytes, fields.valueAt, fields.valueEnd, limits.attributeValueBytes);
    return null;
  });
}

/** An AnyValue message of at most `room` bytes of text or bytes, or with the first of its elements, as many as fit. */
export function trimAnyValue(bytes: Uint8Array, at: number, end: number, room: number): Uint8Array {
  return rebuild(bytes, at, end, (fields) => {
    if (fields.field === 1 || fields.field === 7) return cut(fields, room);
    if (fields.field === 5 || fields.field === 6) return firstElements(fields, room);
    return null;
  });
}

/** An event or link message with its name and attributes cut to the limits. */
export function trimRecord(
  bytes: Uint8Array,
  at: number,
  end: number,
  { nameField, attributesField }: { nameField: number; attributesField: number },
  limits: DecodeLimits,
): Uint8Array {
  let attributes = 0;
  return rebuild(bytes, at, end, (fields) => {
    if (fields.field === nameField) return cut(fields, limits.nameBytes);
    if (fields.field !== attributesField) return null;
    return ++attributes > limits.attributesPerSpan ? "drop" : trimKeyValue(bytes, fields.valueAt, fields.valueEnd, limits);
  });
}

function firstElements(list: FieldCursor, room: number): Uint8Array {
  const { bytes } = list;
  const parts: Uint8Array[] = [];
  let left = room;
  const fields = new FieldCursor(bytes, list.valueAt, list.valueEnd);
  while (left > 0 && fields.next()) {
    const whole = bytes.subarray(fields.fieldAt, fields.at);
    if (whole.length <= left) parts.push(whole);
    else if (fields.field === 1) {
      const { valueAt, valueEnd } = fields;
      const shorter = list.field === 5 ? trimAnyValue(bytes, valueAt, valueEnd, left) : trimPair(bytes, valueAt, valueEnd, left);
      parts.push(fieldWith(fields.field, shorter));
    }
    left -= whole.length;
  }
  return join(parts);
}

const trimPair = (bytes: Uint8Array, at: number, end: number, room: number): Uint8Array =>
  rebuild(bytes, at, end, (fields) => {
    if (fields.field === 1) return cut(fields, room);
    return fields.field === 2 ? trimAnyValue(bytes, fields.valueAt, fields.valueEnd, room) : null;
  });

/** The message with each field kept (null), dropped, or given other content. Fields that are not length-delimited are kept. */
export function rebuild(
  bytes: Uint8Array,
  at: number,
  end: number,
  contentOf: (fields: FieldCursor) => Uint8Array | null | "drop",
): Uint8Array {
  const parts: Uint8Array[] = [];
  const fields = new FieldCursor(bytes, at, end);
  while (fields.next()) {
    const content = fields.wire === 2 ? contentOf(fields) : null;
    if (content === null) parts.push(bytes.subarray(fields.fieldAt, fields.at));
    else if (content !== "drop") parts.push(fieldWith(fields.field, content));
  }
  return join(parts);
}

const cut = ({ bytes, valueAt, valueEnd }: FieldCursor, limit: number): Uint8Array =>
  bytes.subarray(valueAt, valueAt + fittingLength(bytes, valueAt, valueEnd - valueAt, limit));

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}

/** The parts one after the other. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

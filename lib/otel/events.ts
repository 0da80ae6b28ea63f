import { type Attribute, type Damage, decodeAttributes, readSafely } from "./attributes";
import { hexOf } from "./ids";
import type { UnixNano } from "./time";
import { FieldCursor, readText, uint64Of, WIRE } from "./wire";

/** Something that happened at one moment of a span. */
export interface SpanEvent {
  timeUnixNano: UnixNano;
  name: string;
  attributes: Attribute[];
  droppedAttributesCount: number;
}

/** A span that another span points to. Its ids are hex of what was sent, whatever their length. */
export interface SpanLink {
  traceId: string;
  spanId: string;
  traceState: string;
  attributes: Attribute[];
  droppedAttributesCount: number;
  /** 32 bits; 8 and 9 speak of the linked context (see HAS_IS_REMOTE). */
  flags: number;
}

/** The events of stored OTLP bytes (fields of Span, tag included). Never throws: returns what can be read and sets `damage`. */
export function decodeEvents(bytes: Uint8Array, damage: Damage = { damaged: false }): SpanEvent[] {
  return decodeEach(bytes, damage, event);
}

/** The links of stored OTLP bytes (fields of Span, tag included). Never throws: returns what can be read and sets `damage`. */
export function decodeLinks(bytes: Uint8Array, damage: Damage = { damaged: false }): SpanLink[] {
  return decodeEach(bytes, damage, link);
}

function decodeEach<T>(bytes: Uint8Array, damage: Damage, read: (message: Uint8Array, damage: Damage) => T): T[] {
  const items: T[] = [];
  readSafely(damage, () => {
    const fields = new FieldCursor(bytes);
    while (fields.next()) {
      if (fields.wire !== WIRE.bytes) damage.damaged = true;
      else readSafely(damage, () => items.push(read(bytes.subarray(fields.valueAt, fields.valueEnd), damage)));
    }
  });
  return items;
}

function event(message: Uint8Array, damage: Damage): SpanEvent {
  const event: SpanEvent = { timeUnixNano: 0n, name: "", attributes: [], droppedAttributesCount: 0 };
  const fields = new FieldCursor(message);
  while (fields.next()) {
    if (fields.tag === 9) event.timeUnixNano = uint64Of(fields.high, fields.low);
    else if (fields.tag === 18) event.name = readText(message, fields.valueAt, fields.valueEnd);
    else if (fields.tag === 26) event.attributes.push(...oneAttribute(message, fields, damage));
    else if (fields.tag === 32) event.droppedAttributesCount = fields.low;
  }
  return event;
}

function link(message: Uint8Array, damage: Damage): SpanLink {
  const link: SpanLink = { traceId: "", spanId: "", traceState: "", attributes: [], droppedAttributesCount: 0, flags: 0 };
  const fields = new FieldCursor(message);
  while (fields.next()) {
    const { valueAt, valueEnd } = fields;
    if (fields.tag === 10) link.traceId = hexOf(message, valueAt, valueEnd - valueAt);
    else if (fields.tag === 18) link.spanId = hexOf(message, valueAt, valueEnd - valueAt);
    else if (fields.tag === 26) link.traceState = readText(message, valueAt, valueEnd);
    else if (fields.tag === 34) link.attributes.push(...oneAttribute(message, fields, damage));
    else if (fields.tag === 40) link.droppedAttributesCount = fields.low;
    else if (fields.tag === 53) link.flags = fields.low;
  }
  return link;
}

const oneAttribute = (message: Uint8Array, { fieldAt, valueEnd }: FieldCursor, damage: Damage): Attribute[] =>
  decodeAttributes(message.subarray(fieldAt, valueEnd), damage);

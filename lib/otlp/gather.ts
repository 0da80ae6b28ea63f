import { FieldCursor, WIRE } from "@/lib/otel/wire";
import { type AttributeReader, wrongWire } from "./attribute-reader";
import type { BatchBuilder } from "./batch-builder";
import { fieldWith, join, trimKeyValue, trimRecord } from "./trim";

/**
 * The attribute fields number `field` of the messages at `places` (at, end, at, end …), copied together; `over` when the limits made
 * some of them shorter or fewer. Reads them with `reader`, which then knows their signs. For resources and scopes.
 */
export function gatherFields(
  { bytes, limits }: BatchBuilder,
  reader: AttributeReader,
  places: readonly number[],
  field: number,
): { bytes: Uint8Array; over: boolean } {
  const gathered = new Gathered(bytes);
  let count = 0;
  let over = false;
  for (const fields of eachField(bytes, places, field)) {
    const isSurplus = ++count > limits.attributesPerSpan;
    const isCut = readOversize(reader, fields);
    if (isSurplus || isCut) over = true;
    if (isSurplus) continue;
    if (isCut) gathered.add(fieldWith(field, trimKeyValue(bytes, fields.valueAt, fields.valueEnd, limits)));
    else gathered.addStretch(fields.fieldAt, fields.at);
  }
  return { bytes: gathered.finish(), over };
}

function* eachField(bytes: Uint8Array, places: readonly number[], field: number): Generator<FieldCursor> {
  for (let i = 0; i < places.length; i += 2) {
    const fields = new FieldCursor(bytes, places[i], places[i + 1]);
    while (fields.next()) if (fields.field === field) yield fields;
  }
}

function readOversize(reader: AttributeReader, fields: FieldCursor): boolean {
  if (fields.wire !== WIRE.bytes) throw wrongWire(fields);
  reader.oversize = false;
  reader.read(fields.valueAt, fields.valueEnd);
  return reader.oversize;
}

/** Puts together pieces of an array and new ones; neighbours are taken in one stretch, and usually that is all there is. */
class Gathered {
  readonly #bytes: Uint8Array;
  readonly #parts: Uint8Array[] = [];
  #from = 0;
  #to = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  addStretch(from: number, to: number): void {
    if (from !== this.#to) {
      this.#endStretch();
      this.#from = from;
    }
    this.#to = to;
  }

  add(bytes: Uint8Array): void {
    this.#endStretch();
    this.#parts.push(bytes);
  }

  finish(): Uint8Array {
    if (this.#parts.length === 0) return this.#bytes.slice(this.#from, this.#to);
    this.#endStretch();
    return join(this.#parts);
  }

  #endStretch(): void {
    if (this.#to > this.#from) this.#parts.push(this.#bytes.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}

/** The lists of a record that are kept as bytes, and which limit is on each. */
export const LISTS = {
  spanAttributes: { field: 9, most: "attributesPerSpan" },
  logAttributes: { field: 6, most: "attributesPerSpan" },
  events: { field: 11, most: "eventsPerSpan", nameField: 2, attributesField: 3 },
  links: { field: 13, most: "linksPerSpan", nameField: 3, attributesField: 4 },
} as const;
type List = (typeof LISTS)[keyof typeof LISTS];

/**
 * Copies a list of a record together behind the body: its fields did not stand one after the other, or some were over a limit
 * (`oversize`: then each is cut down). Returns the length of what is then at `batch.textAt`.
 */
export function gatherList(batch: BatchBuilder, at: number, end: number, list: List, oversize: boolean): number {
  const { bytes, limits } = batch;
  const parts: Uint8Array[] = [];
  const fields = new FieldCursor(bytes, at, end);
  while (fields.next() && parts.length < limits[list.most]) {
    if (fields.field !== list.field) continue;
    if (!oversize) parts.push(bytes.subarray(fields.fieldAt, fields.at));
    else if ("nameField" in list) parts.push(fieldWith(fields.field, trimRecord(bytes, fields.valueAt, fields.valueEnd, list, limits)));
    else parts.push(fieldWith(fields.field, trimKeyValue(bytes, fields.valueAt, fields.valueEnd, limits)));
  }
  const together = join(parts);
  batch.textAt = batch.keep(together);
  return together.length;
}

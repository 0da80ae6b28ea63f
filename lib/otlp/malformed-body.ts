import { FieldCursor, WIRE, WireFault } from "@/lib/otel/wire";
import type { MessageShape } from "./message-shape";

/** A body that cannot be read as what it says it is: the request is refused whole (400). The message names the place. */
export class MalformedBody extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "MalformedBody";
  }
}

/** Runs a protobuf reader over `body`; where it stumbles, says which field of which record stands there. */
export function readingBody<T>(body: Uint8Array, shape: MessageShape, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    throw new MalformedBody(`Not an OTLP body: ${error.reason} at byte ${error.offset} (${pathTo(body, shape, error.offset)})`, {
      cause: error,
    });
  }
}

/** `resource_spans[0].scope_spans[2].spans[17].name`, found by walking from the top: slow, and only when something is wrong. */
function pathTo(body: Uint8Array, top: MessageShape, offset: number): string {
  const steps: string[] = [];
  const fields = new FieldCursor(body);
  let shape: MessageShape | undefined = top;
  while (shape) {
    const step = stepTo(fields, shape, offset);
    if (step === null) break;
    steps.push(step);
    if (fields.wire !== WIRE.bytes || offset < fields.valueAt) break;
    shape = shape.fields[fields.field]?.shape;
    fields.reset(fields.valueAt, fields.valueEnd);
  }
  return steps.join(".") || "top level";
}

/** The field of this message that `offset` lies in, with the cursor on it; null when there is none that can be named. */
function stepTo(fields: FieldCursor, shape: MessageShape, offset: number): string | null {
  const seen = new Map<number, number>();
  try {
    while (fields.next()) {
      const index = seen.get(fields.field) ?? 0;
      seen.set(fields.field, index + 1);
      if (offset < fields.at) return nameOf(shape, fields.field, index);
    }
  } catch {
    // The field that cannot be read is the one.
    fields.wire = -1;
    if (fields.fieldAt === offset) return nameOf(shape, fields.field, seen.get(fields.field) ?? 0);
  }
  return null;
}

function nameOf(shape: MessageShape, field: number, index: number): string {
  const known = shape.fields[field];
  if (!known) return `field ${field}`;
  return known.repeated ? `${known.name}[${index}]` : known.name;
}

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
  let path = "";
  let shape: MessageShape | undefined = top;
  const fields = new FieldCursor(body);
  try {
    while (shape) {
      const seen = new Map<number, number>();
      let inner: MessageShape | undefined;
      let step = "";
      while (fields.next()) {
        const index = seen.get(fields.field) ?? 0;
        seen.set(fields.field, index + 1);
        if (offset < fields.fieldAt || offset >= fields.at) continue;
        step = stepOf(shape, fields.field, index);
        if (fields.wire === WIRE.bytes && offset >= fields.valueAt) inner = shape.fields[fields.field]?.shape;
        break;
      }
      path += step === "" ? "" : `${path ? "." : ""}${step}`;
      shape = inner;
      if (inner) fields.reset(fields.valueAt, fields.valueEnd);
    }
  } catch {
    const field = fields.fieldAt === offset ? shape?.fields[fields.field] : undefined;
    if (field) path += `${path ? "." : ""}${field.name}`;
  }
  return path || "top level";
}

function stepOf(shape: MessageShape, field: number, index: number): string {
  const known = shape.fields[field];
  if (!known) return `field ${field}`;
  return known.repeated ? `${known.name}[${index}]` : known.name;
}

import { type AttributeValue, decodeAnyValue } from "@/lib/otel/attributes";
import { fittingLength } from "./trim";

/** The body of a log record (an AnyValue message) as one text of at most `limitBytes`, in JSON where it has parts. */
export function renderBody(body: Uint8Array, limitBytes: number): { bytes: Uint8Array; isCut: boolean } {
  const value = decodeAnyValue(body);
  const text = value.type === "string" ? value.value : render(value);
  const bytes = Buffer.from(text.replaceAll("\0", "\u2400"));
  const fits = fittingLength(bytes, 0, bytes.length, limitBytes);
  return { bytes: bytes.subarray(0, fits), isCut: fits < bytes.length };
}

/** Values are at most MAX_VALUE_DEPTH deep, so is this. */
function render(value: AttributeValue): string {
  switch (value.type) {
    case "string":
      return JSON.stringify(value.value);
    case "bool":
    case "int":
    case "double":
      return String(value.value);
    case "bytes":
      return JSON.stringify(Buffer.from(value.value).toString("base64"));
    case "array":
      return `[${value.value.map(render).join(",")}]`;
    case "kvlist":
      return `{${value.value.map((entry) => `${JSON.stringify(entry.key)}:${render(entry.value)}`).join(",")}}`;
    case "empty":
      return "null";
  }
}

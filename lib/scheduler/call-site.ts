import type { CallSite } from "@/lib/diagnosis/check";
import { type AttributeValue, findAttribute } from "@/lib/otel/attributes";

/** Where the program opened a span, by the attributes of OpenTelemetry's conventions, old and new; null where they are not there. */
export function callSiteOf(attributes: Uint8Array): CallSite | null {
  const file = textOf(attributes, "code.filepath") ?? textOf(attributes, "code.file.path");
  if (file === null) return null;
  const line = Number(textOf(attributes, "code.lineno") ?? textOf(attributes, "code.line.number") ?? Number.NaN);
  const name = textOf(attributes, "code.function") ?? textOf(attributes, "code.function.name");
  return { file: file.replaceAll("\0", "").slice(0, 500), line: Number.isSafeInteger(line) ? line : null, function: name };
}

/** A call site as `open_span` keeps it (`worker.py:41`). */
export function callSiteOfText(text: string): CallSite {
  const [, file = text, line] = /^(.*):(\d+)$/.exec(text) ?? [];
  return { file, line: line === undefined ? null : Number(line), function: null };
}

function textOf(attributes: Uint8Array, key: string): string | null {
  const value: AttributeValue | null = findAttribute(attributes, key);
  return value !== null && (value.type === "string" || value.type === "int") ? value.value : null;
}

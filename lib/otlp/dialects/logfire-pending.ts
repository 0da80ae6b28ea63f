import { DIALECTS, MARKS, PHASES } from "@/lib/otel/span";
import type { AttributeReader } from "../attribute-reader";
import type { BatchBuilder } from "../batch-builder";
import { SPAN_KEY } from "./span-keys";
import { textOf } from "./values";

const START = PHASES.indexOf("start");
const LOGFIRE_PENDING = DIALECTS.indexOf("logfire-pending");
const NO_SPAN = "0".repeat(16);

/**
 * Logfire's pending span (wire.md §2.1): sent when a span starts, with an id of its own that nothing refers to. Its parent is the real
 * span; the real span's parent is written as hex in an attribute, zeros or nothing (Rust) for a root. Its flags speak of its own
 * parent, not of the real one's, so they say nothing. Returns true when it was one.
 */
export function logfirePending(batch: BatchBuilder, row: number, attributes: AttributeReader): boolean {
  if (!attributes.has(SPAN_KEY.spanType) || textOf(attributes.valueOf(SPAN_KEY.spanType)) !== "pending_span") return false;
  const { spans } = batch;
  const realSpanIdAt = spans.parentSpanIdAt[row] as number;
  if (realSpanIdAt < 0) {
    spans.count = row;
    batch.reject({
      signal: "span",
      field: "parent_span_id",
      value: "(empty)",
      expected: "8 bytes, not all of them zero: a pending span's parent is the span that has started",
    });
    return true;
  }
  spans.spanIdAt[row] = realSpanIdAt;
  spans.parentSpanIdAt[row] = realParentAt(batch, row, textOf(attributes.valueOf(SPAN_KEY.pendingParentId)));
  spans.phase[row] = START;
  spans.dialect[row] = LOGFIRE_PENDING;
  spans.flags[row] = 0;
  spans.endHigh[row] = 0;
  spans.endLow[row] = 0;
  spans.marks[row] = (spans.marks[row] as number) & ~MARKS.endBeforeStart;
  spans.nameLength[row] = lengthWithoutSuffix(batch, spans.nameAt[row] as number, spans.nameLength[row] as number);
  return true;
}

/** Logfire for Python before 3 writes this behind the name of a pending span; the real span, whose report this is, has it not. */
const SUFFIX = Buffer.from(" (pending)");

function lengthWithoutSuffix(batch: BatchBuilder, at: number, length: number): number {
  if (at < 0 || length <= SUFFIX.length) return length;
  const end = batch.view(at + length - SUFFIX.length, SUFFIX.length);
  return SUFFIX.equals(end) ? length - SUFFIX.length : length;
}

/** Offset of the real parent's id, written behind the body as bytes; −1 for a root. */
function realParentAt(batch: BatchBuilder, row: number, hex: string | null): number {
  if (hex === null || hex === "" || hex === NO_SPAN) return -1;
  if (/^[0-9a-f]{16}$/i.test(hex)) return batch.keep(Buffer.from(hex, "hex"));
  batch.spans.marks[row] = (batch.spans.marks[row] as number) | MARKS.referenceInvalid;
  return -1;
}

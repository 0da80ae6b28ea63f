import { MARKS } from "@/lib/otel/span";
import { FieldCursor } from "@/lib/otel/wire";
import type { AttributeReader } from "../attribute-reader";
import type { BatchBuilder } from "../batch-builder";
import { LISTS } from "../gather";
import { fieldWith, join } from "../trim";
import { SPAN_KEY } from "./span-keys";
import { numberOf, stringPlace, textOf } from "./values";

/** Logfire's level when none was sent: info (wire.md §2.2). */
const INFO = 9;
const HIGHEST_SEVERITY = 24;
const EXCEPTION = Uint8Array.from(Buffer.from("exception"));

/**
 * Logfire sends its logs as spans with `logfire.span_type` = "log" (wire.md §2.3): told apart by that attribute, never by having no
 * length. Moves the last span row to the log records and returns true when it was one. The message is `logfire.msg` (or the name), the
 * log belongs to its parent span. An exception that hangs on it as an event becomes its attributes, as in OTel's own logs of
 * exceptions; other events and links, which Logfire does not send with logs, have no place in a log record and are marked as cut.
 */
export function logfireLog(batch: BatchBuilder, row: number, attributes: AttributeReader): boolean {
  if (!attributes.has(SPAN_KEY.spanType) || textOf(attributes.valueOf(SPAN_KEY.spanType)) !== "log") return false;
  const { spans, limits } = batch;
  spans.count = row;
  const log = batch.logRow();
  const { logs } = batch;
  let marks = (spans.marks[row] as number) & ~(MARKS.nameTruncated | MARKS.endBeforeStart);

  logs.messageAt[log] = spans.nameAt[row] as number;
  logs.messageLength[log] = spans.nameLength[row] as number;
  const message = stringPlace(attributes.valueOf(SPAN_KEY.msg));
  if (message) {
    marks |= batch.text(message.at, message.length, limits.messageBytes, MARKS.statusMessageTruncated);
    logs.messageAt[log] = batch.textAt;
    logs.messageLength[log] = batch.textLength;
  }
  logs.templateAt[log] = -1;
  logs.templateLength[log] = 0;
  const template = stringPlace(attributes.valueOf(SPAN_KEY.msgTemplate));
  if (template) {
    marks |= batch.text(template.at, template.length, limits.messageBytes, MARKS.statusMessageTruncated);
    logs.templateAt[log] = batch.textAt;
    logs.templateLength[log] = batch.textLength;
  }

  const isStartKnown = spans.startHigh[row] !== 0 || spans.startLow[row] !== 0;
  logs.timeHigh[log] = (isStartKnown ? spans.startHigh[row] : spans.endHigh[row]) as number;
  logs.timeLow[log] = (isStartKnown ? spans.startLow[row] : spans.endLow[row]) as number;
  const level = attributes.has(SPAN_KEY.levelNum) ? numberOf(attributes.valueOf(SPAN_KEY.levelNum)) : INFO;
  logs.severityNumber[log] = level !== null && level >= 0 && level <= HIGHEST_SEVERITY ? Math.trunc(level) : INFO;
  logs.traceIdAt[log] = spans.traceIdAt[row] as number;
  logs.spanIdAt[log] = spans.parentSpanIdAt[row] as number;
  logs.flags[log] = spans.flags[row] as number;
  logs.severityTextAt[log] = -1;
  logs.severityTextLength[log] = 0;
  logs.eventNameAt[log] = -1;
  logs.eventNameLength[log] = 0;
  logs.bodyAt[log] = -1;
  logs.bodyLength[log] = 0;
  logs.attributesAt[log] = spans.attributesAt[row] as number;
  logs.attributesLength[log] = spans.attributesLength[row] as number;
  if ((spans.eventsAt[row] as number) >= 0) marks |= addExceptions(batch, row, log);
  if ((spans.linksAt[row] as number) >= 0) marks |= MARKS.linksTruncated;
  logs.resource[log] = spans.resource[row] as number;
  logs.scope[log] = spans.scope[row] as number;
  logs.marks[log] = marks;
  logs.count = log + 1;
  return true;
}

/** Appends the attributes of exception events to the log's own. Returns the mark for events that found no place. */
function addExceptions(batch: BatchBuilder, row: number, log: number): number {
  const { spans, logs } = batch;
  const bytes = batch.view(spans.eventsAt[row] as number, spans.eventsLength[row] as number);
  const parts: Uint8Array[] = [batch.view(logs.attributesAt[log] as number, logs.attributesLength[log] as number)];
  let marks = 0;
  const events = new FieldCursor(bytes);
  while (events.next()) {
    const found = exceptionAttributes(bytes, events.valueAt, events.valueEnd);
    if (found) parts.push(...found);
    else marks = MARKS.eventsTruncated;
  }
  const all = join(parts);
  logs.attributesAt[log] = all.length === 0 ? -1 : batch.keep(all);
  logs.attributesLength[log] = all.length;
  return marks;
}

function exceptionAttributes(bytes: Uint8Array, at: number, end: number): Uint8Array[] | null {
  let isException = false;
  const attributes: Uint8Array[] = [];
  const fields = new FieldCursor(bytes, at, end);
  while (fields.next()) {
    const content = bytes.subarray(fields.valueAt, fields.valueEnd);
    if (fields.field === 2) isException = content.length === EXCEPTION.length && EXCEPTION.every((byte, i) => byte === content[i]);
    else if (fields.field === 3) attributes.push(fieldWith(LISTS.spanAttributes.field, content));
  }
  return isException ? attributes : null;
}

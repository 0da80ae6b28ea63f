import { MARKS } from "@/lib/otel/span";
import { FieldCursor, WIRE } from "@/lib/otel/wire";
import { AttributeReader, wrongWire } from "./attribute-reader";
import type { BatchBuilder } from "./batch-builder";
import { LOG_KEY, LOG_KEY_TABLE, LOG_KEYS } from "./dialects/log-keys";
import { partialEvent } from "./dialects/partial-event";
import { stringPlace } from "./dialects/values";
import { gatherList, LISTS } from "./gather";
import { isAllZero, walkGroups } from "./groups";
import { renderBody } from "./render-body";
import { trimAnyValue } from "./trim";

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const HIGHEST_SEVERITY = 24;
const TIME_2262 = 0x80000000;

/** Reads an ExportLogsServiceRequest into columns, in one pass. */
export class LogDecoder {
  readonly #batch: BatchBuilder;
  readonly #attributes: AttributeReader;
  readonly #record: FieldCursor;
  /** Heartbeat logs of the resource being read: at, end, scope, at, end, scope … They wait for it, since it may come last. */
  #heartbeats: number[] = [];

  constructor(batch: BatchBuilder) {
    this.#batch = batch;
    this.#attributes = new AttributeReader(batch.bytes, batch.limits, LOG_KEY_TABLE, LOG_KEYS.length);
    this.#record = new FieldCursor(batch.bytes);
  }

  run(): void {
    walkGroups(
      this.#batch,
      (at, end, resource, scope) => this.#readRecord(at, end, resource, scope, true),
      (resource) => this.#readHeartbeats(resource),
    );
  }

  #readHeartbeats(resource: number): void {
    const waiting = this.#heartbeats;
    this.#heartbeats = [];
    for (let i = 0; i < waiting.length; i += 3) {
      const [at, end, scope] = waiting.slice(i, i + 3) as [number, number, number];
      // One whose body is no span is an ordinary log record that happens to use the name.
      if (!partialEvent(this.#batch, at, end, resource, scope)) this.#readRecord(at, end, resource, scope, false);
    }
  }

  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one switch over the fields of a log record, and its row
  #readRecord(at: number, end: number, resource: number, scope: number, heartbeatsWait: boolean): void {
    const batch = this.#batch;
    const { limits } = batch;
    const attributes = this.#attributes;
    const fields = this.#record;
    attributes.restart();
    let timeHigh = 0;
    let timeLow = 0;
    let observedHigh = 0;
    let observedLow = 0;
    let severity = 0;
    let flags = 0;
    let severityTextAt = -1;
    let severityTextLength = 0;
    let eventNameAt = -1;
    let eventNameLength = 0;
    let bodyAt = -1;
    let bodyEnd = -1;
    let traceIdAt = -1;
    let traceIdLength = 0;
    let spanIdAt = -1;
    let spanIdLength = 0;
    let attributesAt = -1;
    let attributesEnd = -1;
    let attributesCount = 0;
    let scattered = false;

    fields.reset(at, end);
    while (fields.next()) {
      switch (fields.tag) {
        case 9: // time_unix_nano
          timeHigh = fields.high;
          timeLow = fields.low;
          break;
        case 89: // observed_time_unix_nano
          observedHigh = fields.high;
          observedLow = fields.low;
          break;
        case 16: // severity_number
          severity = fields.low > HIGHEST_SEVERITY || fields.high !== 0 ? 0 : fields.low;
          break;
        case 26: // severity_text
          severityTextAt = fields.valueAt;
          severityTextLength = fields.valueEnd - fields.valueAt;
          break;
        case 42: // body
          bodyAt = fields.valueAt;
          bodyEnd = fields.valueEnd;
          break;
        case 50: // attributes
          if (attributesAt < 0) attributesAt = fields.fieldAt;
          else if (attributesEnd !== fields.fieldAt) scattered = true;
          attributesEnd = fields.at;
          attributesCount++;
          attributes.read(fields.valueAt, fields.valueEnd);
          break;
        case 56: // dropped_attributes_count
          break;
        case 69: // flags
          flags = fields.low;
          break;
        case 74: // trace_id
          traceIdAt = fields.valueAt;
          traceIdLength = fields.valueEnd - fields.valueAt;
          break;
        case 82: // span_id
          spanIdAt = fields.valueAt;
          spanIdLength = fields.valueEnd - fields.valueAt;
          break;
        case 98: // event_name
          eventNameAt = fields.valueAt;
          eventNameLength = fields.valueEnd - fields.valueAt;
          break;
        default:
          if (fields.field <= 12 && fields.field !== 4) throw wrongWire(fields);
      }
    }
    const attributesOver = attributes.oversize || attributesCount > limits.attributesPerSpan;
    attributes.oversize = false;
    if (bodyAt >= 0) attributes.readValue(bodyAt, bodyEnd);
    const bodyOver = attributes.oversize;

    if (heartbeatsWait && attributes.has(LOG_KEY.event)) {
      this.#heartbeats.push(at, end, scope);
      return;
    }

    // "The log record is not associated with a trace if the id is not present or invalid" (OTLP logs.proto): read as absent.
    let marks = 0;
    if (traceIdLength !== TRACE_ID_BYTES || isAllZero(batch.bytes, traceIdAt, TRACE_ID_BYTES)) {
      if (traceIdLength !== 0 && traceIdLength !== TRACE_ID_BYTES) marks |= MARKS.referenceInvalid;
      traceIdAt = -1;
    }
    if (spanIdLength !== SPAN_ID_BYTES || isAllZero(batch.bytes, spanIdAt, SPAN_ID_BYTES)) {
      if (spanIdLength !== 0 && spanIdLength !== SPAN_ID_BYTES) marks |= MARKS.referenceInvalid;
      spanIdAt = -1;
    }
    if (timeHigh === 0 && timeLow === 0) {
      timeHigh = observedHigh;
      timeLow = observedLow;
    }
    if (timeHigh === 0 && timeLow === 0) marks |= MARKS.startTimeZero;
    if (timeHigh >= TIME_2262) marks |= MARKS.timeBeyond2262;

    const row = batch.logRow();
    const { logs } = batch;
    logs.severityTextAt[row] = -1;
    logs.severityTextLength[row] = 0;
    if (severityTextLength > 0) {
      marks |= batch.text(severityTextAt, severityTextLength, limits.nameBytes, MARKS.nameTruncated);
      logs.severityTextAt[row] = batch.textAt;
      logs.severityTextLength[row] = batch.textLength;
    }
    logs.eventNameAt[row] = -1;
    logs.eventNameLength[row] = 0;
    if (eventNameLength > 0) {
      marks |= batch.text(eventNameAt, eventNameLength, limits.nameBytes, MARKS.nameTruncated);
      logs.eventNameAt[row] = batch.textAt;
      logs.eventNameLength[row] = batch.textLength;
    }

    logs.templateAt[row] = -1;
    logs.templateLength[row] = 0;
    const template = stringPlace(attributes.valueOf(LOG_KEY.msgTemplate));
    if (template) {
      marks |= batch.text(template.at, template.length, limits.messageBytes, MARKS.statusMessageTruncated);
      logs.templateAt[row] = batch.textAt;
      logs.templateLength[row] = batch.textLength;
    }
    marks |= this.#body(row, bodyAt, bodyEnd, bodyOver);

    let attributesLength = attributesEnd - attributesAt;
    if (scattered || attributesOver) {
      attributesLength = gatherList(batch, at, end, LISTS.logAttributes, attributesOver);
      attributesAt = batch.textAt;
      if (attributesOver) marks |= MARKS.attributesTruncated;
    }
    logs.traceIdAt[row] = traceIdAt;
    logs.spanIdAt[row] = spanIdAt;
    logs.timeHigh[row] = timeHigh;
    logs.timeLow[row] = timeLow;
    logs.severityNumber[row] = severity;
    logs.flags[row] = flags;
    logs.marks[row] = marks;
    logs.attributesAt[row] = attributesAt;
    logs.attributesLength[row] = attributesLength;
    logs.resource[row] = resource;
    logs.scope[row] = scope;
    logs.count = row + 1;
  }

  /** Fills in message and body: a text is the message and needs no body, anything else is kept as it came and rendered. */
  #body(row: number, at: number, end: number, isOver: boolean): number {
    const batch = this.#batch;
    const { logs, limits } = batch;
    logs.bodyAt[row] = -1;
    logs.bodyLength[row] = 0;
    logs.messageAt[row] = 0;
    logs.messageLength[row] = 0;
    if (at < 0 || at === end) return 0;
    const text = onlyText(batch.bytes, at, end);
    if (text) {
      const marks = batch.text(text.at, text.length, limits.messageBytes, MARKS.statusMessageTruncated);
      logs.messageAt[row] = batch.textAt;
      logs.messageLength[row] = batch.textLength;
      return marks;
    }
    const body = isOver ? trimAnyValue(batch.bytes, at, end, limits.attributeValueBytes) : batch.bytes.subarray(at, end);
    const rendered = renderBody(body, limits.messageBytes);
    logs.bodyAt[row] = isOver ? batch.keep(body) : at;
    logs.bodyLength[row] = body.length;
    logs.messageAt[row] = batch.keep(rendered.bytes);
    logs.messageLength[row] = rendered.bytes.length;
    return isOver || rendered.isCut ? MARKS.statusMessageTruncated : 0;
  }
}

/** Where the text stands, if the AnyValue is one string and nothing else. */
function onlyText(bytes: Uint8Array, at: number, end: number): { at: number; length: number } | null {
  const fields = new FieldCursor(bytes, at, end);
  if (!fields.next() || fields.field !== 1 || fields.wire !== WIRE.bytes || fields.at !== end) return null;
  return { at: fields.valueAt, length: fields.valueEnd - fields.valueAt };
}

import { MARKS } from "@/lib/otel/span";
import { FieldCursor, WIRE, WireFault } from "@/lib/otel/wire";
import { AttributeReader, wrongWire } from "./attribute-reader";
import type { BatchBuilder } from "./batch-builder";
import { speakSpanDialects } from "./dialects/span-dialects";
import { SPAN_KEY_TABLE, SPAN_KEYS } from "./dialects/span-keys";
import { gatherList, LISTS } from "./gather";
import { isAllZero, rejectId, walkGroups } from "./groups";
import { KeyTable } from "./key-table";

/** Events by which a janitor says that it closed the span (wire.md L8); told apart by length before anything else. */
const JANITOR_EVENTS = ["brave.flush", "zipkin-js.flush", "flush.timeout"].map((name) => Uint8Array.from(Buffer.from(name)));

const NO_KEYS = new KeyTable([]);
const PHASE_END = 2;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const START_TIME = 57;
const END_TIME = 65;
/** The two bytes of the tag of `flags`, low byte first. */
const FLAGS = 0x0185;
const HIGHEST_KIND = 5;
const HIGHEST_STATUS = 2;
const TIME_2262 = 0x80000000;

/**
 * Reads an ExportTraceServiceRequest (or a TracesData, the same on the wire) into columns, in one pass and without an object per span.
 * Longer than a screen and without a function per field, because this is where a core's time goes: about 0.3 µs per span.
 */
export class TraceDecoder {
  readonly #batch: BatchBuilder;
  readonly #attributes: AttributeReader;
  /** Attributes of events and links: no dialect speaks there. */
  readonly #innerAttributes: AttributeReader;
  readonly #span: FieldCursor;
  readonly #inner: FieldCursor;
  #janitor = false;
  #messageAt = -1;
  #messageLength = 0;
  #code = 0;

  constructor(batch: BatchBuilder) {
    this.#batch = batch;
    this.#attributes = new AttributeReader(batch.bytes, batch.limits, SPAN_KEY_TABLE, SPAN_KEYS.length);
    this.#innerAttributes = new AttributeReader(batch.bytes, batch.limits, NO_KEYS, 0);
    this.#span = new FieldCursor(batch.bytes);
    this.#inner = new FieldCursor(batch.bytes);
  }

  run(): void {
    walkGroups(this.#batch, (at, end, resource, scope) => this.#readSpan(at, end, resource, scope));
  }

  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one switch over the fields of a span, the hottest loop of ingest
  #readSpan(at: number, end: number, resource: number, scope: number): void {
    const batch = this.#batch;
    const { bytes, dataView, limits } = batch;
    const attributes = this.#attributes;
    const fields = this.#span;
    attributes.restart();
    this.#janitor = false;
    this.#messageAt = -1;
    this.#messageLength = 0;
    this.#code = 0;
    let traceIdAt = -1;
    let traceIdLength = 0;
    let spanIdAt = -1;
    let spanIdLength = 0;
    let parentAt = -1;
    let parentLength = 0;
    let traceStateAt = -1;
    let traceStateLength = 0;
    let nameAt = at;
    let nameLength = 0;
    let kind = 0;
    let flags = 0;
    let dropped = 0;
    let startHigh = 0;
    let startLow = 0;
    let endHigh = 0;
    let endLow = 0;
    let attributesAt = -1;
    let attributesEnd = -1;
    let attributesCount = 0;
    let attributesScattered = false;
    let eventsAt = -1;
    let eventsEnd = -1;
    let eventsCount = 0;
    let eventsScattered = false;
    let eventsOver = false;
    let linksAt = -1;
    let linksEnd = -1;
    let linksCount = 0;
    let linksScattered = false;
    let linksOver = false;

    let pos = at;
    while (pos < end) {
      const fieldAt = pos;
      let tag = bytes[pos] as number;
      let valueAt = 0;
      let low = 0;
      let high = 0;
      // Lanes for what nearly every field is; whatever they cannot tell at a glance goes to the cursor, which knows all of protobuf.
      const next = pos + 1 < end ? (bytes[pos + 1] as number) : 0x80;
      if (next < 0x80 && (tag & 0x87) === WIRE.bytes && next <= end - pos - 2) {
        valueAt = pos + 2;
        pos = valueAt + next;
      } else if ((tag === START_TIME || tag === END_TIME) && pos + 9 <= end) {
        low = dataView.getUint32(pos + 1, true);
        high = dataView.getUint32(pos + 5, true);
        pos += 9;
      } else if (next < 0x80 && (tag & 0x87) === WIRE.varint) {
        low = next;
        pos += 2;
      } else if (tag === (FLAGS & 0xff) && next === FLAGS >> 8 && pos + 6 <= end) {
        tag = 133;
        low = dataView.getUint32(pos + 2, true);
        pos += 6;
      } else {
        fields.reset(pos, end);
        fields.next();
        ({ tag, valueAt, low, high, at: pos } = fields);
      }
      switch (tag) {
        case 74: // attributes
          if (attributesAt < 0) attributesAt = fieldAt;
          else if (attributesEnd !== fieldAt) attributesScattered = true;
          attributesEnd = pos;
          attributesCount++;
          attributes.read(valueAt, pos);
          break;
        case 10: // trace_id
          traceIdAt = valueAt;
          traceIdLength = pos - valueAt;
          break;
        case 18: // span_id
          spanIdAt = valueAt;
          spanIdLength = pos - valueAt;
          break;
        case 26: // trace_state
          traceStateAt = valueAt;
          traceStateLength = pos - valueAt;
          break;
        case 34: // parent_span_id
          parentAt = valueAt;
          parentLength = pos - valueAt;
          break;
        case 42: // name
          nameAt = valueAt;
          nameLength = pos - valueAt;
          break;
        case 48: // kind
          kind = low > HIGHEST_KIND || high !== 0 ? 0 : low;
          break;
        case 57: // start_time_unix_nano
          startHigh = high;
          startLow = low;
          break;
        case 65: // end_time_unix_nano
          endHigh = high;
          endLow = low;
          break;
        case 80: // dropped_attributes_count
        case 96: // dropped_events_count
        case 112: // dropped_links_count
          dropped += low;
          break;
        case 90: // events
          if (eventsAt < 0) eventsAt = fieldAt;
          else if (eventsEnd !== fieldAt) eventsScattered = true;
          eventsEnd = pos;
          eventsCount++;
          if (this.#readEvent(valueAt, pos)) eventsOver = true;
          break;
        case 106: // links
          if (linksAt < 0) linksAt = fieldAt;
          else if (linksEnd !== fieldAt) linksScattered = true;
          linksEnd = pos;
          linksCount++;
          if (this.#readLink(valueAt, pos)) linksOver = true;
          break;
        case 122: // status
          if (pos > valueAt) this.#readStatus(valueAt, pos);
          break;
        case 133: // flags
          flags = low;
          break;
        default:
          if (tag < 17 * 8) throw new WireFault(`wrong wire type ${tag & 7}`, fieldAt);
      }
    }
    const attributesOver = attributes.oversize || attributesCount > limits.attributesPerSpan;

    if (traceIdLength !== TRACE_ID_BYTES || isAllZero(batch.bytes, traceIdAt, TRACE_ID_BYTES)) {
      rejectId(batch, "span", "trace_id", traceIdAt, traceIdLength, TRACE_ID_BYTES);
      return;
    }
    if (spanIdLength !== SPAN_ID_BYTES || isAllZero(batch.bytes, spanIdAt, SPAN_ID_BYTES)) {
      rejectId(batch, "span", "span_id", spanIdAt, spanIdLength, SPAN_ID_BYTES);
      return;
    }

    let marks = 0;
    if (parentLength !== 0 && parentLength !== SPAN_ID_BYTES) marks |= MARKS.referenceInvalid;
    if (parentLength !== SPAN_ID_BYTES || isAllZero(batch.bytes, parentAt, SPAN_ID_BYTES)) parentAt = -1;
    if (startHigh >= TIME_2262 || endHigh >= TIME_2262) marks |= MARKS.timeBeyond2262;
    if (startHigh === 0 && startLow === 0) marks |= MARKS.startTimeZero;
    if (this.#janitor) marks |= MARKS.closedByJanitor;

    const row = batch.spanRow();
    const { spans } = batch;
    marks |= batch.text(nameAt, nameLength, limits.nameBytes, MARKS.nameTruncated);
    spans.nameAt[row] = batch.textAt;
    spans.nameLength[row] = batch.textLength;
    spans.statusMessageAt[row] = -1;
    spans.statusMessageLength[row] = 0;
    if (this.#messageLength > 0) {
      marks |= batch.text(this.#messageAt, this.#messageLength, limits.nameBytes, MARKS.statusMessageTruncated);
      spans.statusMessageAt[row] = batch.textAt;
      spans.statusMessageLength[row] = batch.textLength;
    }
    spans.traceStateAt[row] = -1;
    spans.traceStateLength[row] = 0;
    if (traceStateLength > 0) {
      marks |= batch.text(traceStateAt, traceStateLength, limits.nameBytes, MARKS.textRepaired);
      spans.traceStateAt[row] = batch.textAt;
      spans.traceStateLength[row] = batch.textLength;
    }

    let attributesLength = attributesEnd - attributesAt;
    if (attributesScattered || attributesOver) {
      attributesLength = gatherList(batch, at, end, LISTS.spanAttributes, attributesOver);
      attributesAt = batch.textAt;
      if (attributesOver) marks |= MARKS.attributesTruncated;
    }
    let eventsLength = eventsEnd - eventsAt;
    if (eventsCount > limits.eventsPerSpan) eventsOver = true;
    if (eventsScattered || eventsOver) {
      eventsLength = gatherList(batch, at, end, LISTS.events, eventsOver);
      eventsAt = batch.textAt;
      if (eventsOver) marks |= MARKS.eventsTruncated;
    }
    let linksLength = linksEnd - linksAt;
    if (linksCount > limits.linksPerSpan) linksOver = true;
    if (linksScattered || linksOver) {
      linksLength = gatherList(batch, at, end, LISTS.links, linksOver);
      linksAt = batch.textAt;
      if (linksOver) marks |= MARKS.linksTruncated;
    }

    if ((endHigh !== 0 || endLow !== 0) && (endHigh < startHigh || (endHigh === startHigh && endLow < startLow)))
      marks |= MARKS.endBeforeStart;

    spans.traceIdAt[row] = traceIdAt;
    spans.spanIdAt[row] = spanIdAt;
    spans.parentSpanIdAt[row] = parentAt;
    spans.phase[row] = PHASE_END;
    spans.dialect[row] = 0;
    spans.kind[row] = kind;
    spans.statusCode[row] = this.#code;
    spans.flags[row] = flags;
    spans.marks[row] = marks;
    spans.startHigh[row] = startHigh;
    spans.startLow[row] = startLow;
    spans.endHigh[row] = endHigh;
    spans.endLow[row] = endLow;
    spans.heartbeatEveryMs[row] = 0;
    spans.attributesAt[row] = attributesAt;
    spans.attributesLength[row] = attributesLength;
    spans.eventsAt[row] = eventsAt;
    spans.eventsLength[row] = eventsLength;
    spans.linksAt[row] = linksAt;
    spans.linksLength[row] = linksLength;
    spans.droppedCount[row] = dropped;
    spans.resource[row] = resource;
    spans.scope[row] = scope;
    spans.count = row + 1;

    if (attributes.signs !== 0 || (endHigh === 0 && endLow === 0)) speakSpanDialects(batch, row, attributes);
  }

  /** Checks an event; returns whether something of it is over a limit. */
  #readEvent(at: number, end: number): boolean {
    const { limits } = this.#batch;
    const fields = this.#inner;
    const attributes = this.#innerAttributes;
    attributes.restart();
    let count = 0;
    let over = false;
    fields.reset(at, end);
    while (fields.next()) {
      switch (fields.tag) {
        case 26: // attributes
          count++;
          attributes.read(fields.valueAt, fields.valueEnd);
          break;
        case 18: // name
          if (fields.valueEnd - fields.valueAt > limits.nameBytes) over = true;
          else if (this.#isJanitor(fields.valueAt, fields.valueEnd)) this.#janitor = true;
          break;
        case 9: // time_unix_nano
        case 32: // dropped_attributes_count
          break;
        default:
          if (fields.field <= 4) throw wrongWire(fields);
      }
    }
    return over || attributes.oversize || count > limits.attributesPerSpan;
  }

  #isJanitor(at: number, end: number): boolean {
    const { bytes } = this.#batch;
    return JANITOR_EVENTS.some((name) => name.length === end - at && name.every((byte, i) => bytes[at + i] === byte));
  }

  /** Checks a link; returns whether something of it is over a limit. */
  #readLink(at: number, end: number): boolean {
    const { limits } = this.#batch;
    const fields = this.#inner;
    const attributes = this.#innerAttributes;
    attributes.restart();
    let count = 0;
    let over = false;
    fields.reset(at, end);
    while (fields.next()) {
      switch (fields.tag) {
        case 34: // attributes
          count++;
          attributes.read(fields.valueAt, fields.valueEnd);
          break;
        case 26: // trace_state
          if (fields.valueEnd - fields.valueAt > limits.nameBytes) over = true;
          break;
        case 10: // trace_id
        case 18: // span_id
        case 40: // dropped_attributes_count
        case 53: // flags
          break;
        default:
          if (fields.field <= 6) throw wrongWire(fields);
      }
    }
    return over || attributes.oversize || count > limits.attributesPerSpan;
  }

  #readStatus(at: number, end: number): void {
    const fields = this.#inner;
    fields.reset(at, end);
    while (fields.next()) {
      if (fields.tag === 18) {
        this.#messageAt = fields.valueAt;
        this.#messageLength = fields.valueEnd - fields.valueAt;
      } else if (fields.tag === 24) {
        this.#code = fields.low > HIGHEST_STATUS || fields.high !== 0 ? 0 : fields.low;
      } else if (fields.field === 2 || fields.field === 3) throw wrongWire(fields);
    }
  }
}

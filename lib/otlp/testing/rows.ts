import { type Attribute, type AttributeValue, type Damage, decodeAnyValue, decodeAttributes } from "@/lib/otel/attributes";
import { decodeEvents, decodeLinks, type SpanEvent, type SpanLink } from "@/lib/otel/events";
import { hexOf } from "@/lib/otel/ids";
import type { RecordBatch } from "@/lib/otel/record-batch";
import { DIALECTS, type Dialect, MARKS, PHASES, type Phase } from "@/lib/otel/span";
import { uint64Of } from "@/lib/otel/wire";

/** A row of a batch as an object, for tests to look at. */
export interface SpanRow {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  phase: Phase;
  dialect: Dialect;
  kind: number;
  statusCode: number;
  flags: number;
  marks: string[];
  start: bigint;
  end: bigint;
  heartbeatEveryMs: number;
  name: string;
  statusMessage: string | null;
  traceState: string | null;
  attributes: Attribute[];
  events: SpanEvent[];
  links: SpanLink[];
  droppedCount: number;
  service: string;
  scope: string;
}

export interface LogRow {
  traceId: string | null;
  spanId: string | null;
  time: bigint;
  severityNumber: number;
  severityText: string | null;
  eventName: string | null;
  flags: number;
  marks: string[];
  message: string;
  template: string | null;
  body: AttributeValue | null;
  attributes: Attribute[];
  service: string;
  scope: string;
}

/** The spans of a batch. Throws when anything in it points out of range or is no sound OTLP or text. */
export function spanRows(batch: RecordBatch): SpanRow[] {
  const { spans } = batch;
  const read = readerOf(batch);
  return Array.from({ length: spans.count }, (_, i) => ({
    traceId: read.id(spans.traceIdAt[i], 16) ?? "",
    spanId: read.id(spans.spanIdAt[i], 8) ?? "",
    parentSpanId: read.id(spans.parentSpanIdAt[i], 8),
    phase: known(PHASES[spans.phase[i] as number]),
    dialect: known(DIALECTS[spans.dialect[i] as number]),
    kind: spans.kind[i] as number,
    statusCode: spans.statusCode[i] as number,
    flags: spans.flags[i] as number,
    marks: marksOf(spans.marks[i] as number),
    start: uint64Of(spans.startHigh[i] as number, spans.startLow[i] as number),
    end: uint64Of(spans.endHigh[i] as number, spans.endLow[i] as number),
    heartbeatEveryMs: spans.heartbeatEveryMs[i] as number,
    name: read.text(spans.nameAt[i], spans.nameLength[i]) ?? "",
    statusMessage: read.text(spans.statusMessageAt[i], spans.statusMessageLength[i]),
    traceState: read.text(spans.traceStateAt[i], spans.traceStateLength[i]),
    attributes: read.list(spans.attributesAt[i], spans.attributesLength[i], decodeAttributes),
    events: read.list(spans.eventsAt[i], spans.eventsLength[i], decodeEvents),
    links: read.list(spans.linksAt[i], spans.linksLength[i], decodeLinks),
    droppedCount: spans.droppedCount[i] as number,
    service: known(batch.resources[spans.resource[i] as number]).service,
    scope: known(batch.scopes[spans.scope[i] as number]).name,
  }));
}

/** The log records of a batch. Throws as spanRows does. */
export function logRows(batch: RecordBatch): LogRow[] {
  const { logs } = batch;
  const read = readerOf(batch);
  return Array.from({ length: logs.count }, (_, i) => ({
    traceId: read.id(logs.traceIdAt[i], 16),
    spanId: read.id(logs.spanIdAt[i], 8),
    time: uint64Of(logs.timeHigh[i] as number, logs.timeLow[i] as number),
    severityNumber: logs.severityNumber[i] as number,
    severityText: read.text(logs.severityTextAt[i], logs.severityTextLength[i]),
    eventName: read.text(logs.eventNameAt[i], logs.eventNameLength[i]),
    flags: logs.flags[i] as number,
    marks: marksOf(logs.marks[i] as number),
    message: read.text(logs.messageAt[i], logs.messageLength[i]) ?? "",
    template: read.text(logs.templateAt[i], logs.templateLength[i]),
    body: (logs.bodyAt[i] as number) < 0 ? null : decodeAnyValue(read.bytes(logs.bodyAt[i], logs.bodyLength[i])),
    attributes: read.list(logs.attributesAt[i], logs.attributesLength[i], decodeAttributes),
    service: known(batch.resources[logs.resource[i] as number]).service,
    scope: known(batch.scopes[logs.scope[i] as number]).name,
  }));
}

/** Names of the marks that are set. */
const marksOf = (marks: number): string[] => Object.entries(MARKS).flatMap(([name, bit]) => (marks & bit ? [name] : []));

function readerOf({ bytes }: RecordBatch) {
  const slice = (at = -1, length = -1): Uint8Array => {
    if (at < 0 || length < 0 || at + length > bytes.length) throw new RangeError(`${at} + ${length} is outside of ${bytes.length} bytes`);
    return bytes.subarray(at, at + length);
  };
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return {
    bytes: slice,
    id: (at = -1, length: number): string | null => (at < 0 ? null : hexOf(slice(at, length), 0, length)),
    text: (at = -1, length = -1): string | null => {
      if (at < 0) return null;
      const text = decoder.decode(slice(at, length));
      if (text.includes("\0")) throw new RangeError("NUL in text");
      return text;
    },
    list: <T>(at = -1, length = -1, decode: (bytes: Uint8Array, damage: Damage) => T[]): T[] => {
      if (at < 0) return [];
      const damage = { damaged: false };
      const items = decode(slice(at, length), damage);
      if (damage.damaged) throw new RangeError("stored bytes cannot be read back");
      return items;
    },
  };
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError("an index points at nothing");
  return value;
}

import type { Rejection } from "@/lib/otel/record-batch";
import { BackwardWriter, MAX_VALUE_DEPTH } from "@/lib/otel/wire";
import { MalformedBody } from "./malformed-body";

/**
 * OTLP/JSON turned into the same request as protobuf, so that everything behind it is read by one decoder and stored as one kind of
 * bytes. Writes backwards (see BackwardWriter), so lists are walked from their end. Longer than most files because it is the whole of
 * OTLP, field by field. Lenient where senders are sloppy (snake_case, names of enum members, base64 ids), never guessing.
 */

/** Records that could not be turned, refused one by one. */
export interface Refused {
  rejections: Rejection[];
  rejectedCount: number;
}

type Json = Record<string, unknown>;

const REJECTIONS_TOLD = 64;
const SHOWN_VALUE = 80;

export const tracesToProtobuf = (body: unknown, refused: Refused): Uint8Array =>
  request(body, "resourceSpans", "scopeSpans", "spans", (writer, item) => span(writer, item, refused));

export const logsToProtobuf = (body: unknown, refused: Refused): Uint8Array =>
  request(body, "resourceLogs", "scopeLogs", "logRecords", (writer, item) => logRecord(writer, item, refused));

/** Only what decodeMetrics reads: names, number points, and that there are others. */
export const metricsToProtobuf = (body: unknown, refused: Refused): Uint8Array =>
  request(body, "resourceMetrics", "scopeMetrics", "metrics", (writer, item) => metric(writer, item, refused));

/** A value that is not what its field wants. Inside a record it costs the record, outside it costs the request. */
class WrongValue extends Error {
  readonly field: string;
  readonly value: unknown;
  readonly expected: string;

  constructor(field: string, value: unknown, expected: string) {
    super(`${field}: ${shown(value)} where ${expected} is expected`);
    this.field = field;
    this.value = value;
    this.expected = expected;
  }
}

function request(
  body: unknown,
  resourceList: string,
  scopeList: string,
  recordList: string,
  writeRecord: (writer: BackwardWriter, item: unknown) => void,
): Uint8Array {
  const writer = new BackwardWriter(4096);
  try {
    for (const resourceItem of backwards(objectOf(body, "the body"), resourceList)) {
      const group = objectOf(resourceItem, resourceList);
      const end = writer.length;
      text(writer, 3, group, "schemaUrl");
      for (const scopeItem of backwards(group, scopeList)) {
        const scopeGroup = objectOf(scopeItem, scopeList);
        const scopeEnd = writer.length;
        text(writer, 3, scopeGroup, "schemaUrl");
        for (const item of backwards(scopeGroup, recordList)) writeRecord(writer, item);
        scope(writer, read(scopeGroup, "scope"));
        writer.close(2, scopeEnd);
      }
      resource(writer, read(group, "resource"));
      writer.close(1, end);
    }
  } catch (error) {
    if (error instanceof WrongValue) throw new MalformedBody(`Not an OTLP/JSON body: ${error.message}`, { cause: error });
    throw error;
  }
  return writer.finish();
}

function resource(writer: BackwardWriter, value: unknown): void {
  if (value === null) return;
  const end = writer.length;
  attributes(writer, 1, objectOf(value, "resource"));
  writer.close(1, end);
}

function scope(writer: BackwardWriter, value: unknown): void {
  if (value === null) return;
  const end = writer.length;
  const fields = objectOf(value, "scope");
  attributes(writer, 3, fields);
  text(writer, 2, fields, "version");
  text(writer, 1, fields, "name");
  writer.close(1, end);
}

/** Writes one record as field 2, or takes it back and says why. */
function record(writer: BackwardWriter, signal: Rejection["signal"], refused: Refused, write: () => void): void {
  const end = writer.length;
  try {
    write();
    writer.close(2, end);
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    writer.rewind(end);
    refused.rejectedCount++;
    if (refused.rejections.length < REJECTIONS_TOLD) {
      refused.rejections.push({ signal, field: error.field, value: shown(error.value), expected: error.expected });
    }
  }
}

function span(writer: BackwardWriter, item: unknown, refused: Refused): void {
  record(writer, "span", refused, () => {
    const fields = objectOf(item, "spans");
    const flags = uint32(fields, "flags");
    if (flags) writer.fixed32(16, flags);
    status(writer, read(fields, "status"));
    uint32To(writer, 14, fields, "droppedLinksCount");
    for (const link of backwards(fields, "links")) spanLink(writer, objectOf(link, "links"));
    uint32To(writer, 12, fields, "droppedEventsCount");
    for (const event of backwards(fields, "events")) spanEvent(writer, objectOf(event, "events"));
    uint32To(writer, 10, fields, "droppedAttributesCount");
    attributes(writer, 9, fields);
    time(writer, 8, fields, "endTimeUnixNano");
    time(writer, 7, fields, "startTimeUnixNano");
    const kind = enumOf(read(fields, "kind"), SPAN_KIND);
    if (kind) writer.varint(6, kind);
    text(writer, 5, fields, "name");
    id(writer, 4, fields, "parentSpanId", 8);
    text(writer, 3, fields, "traceState");
    id(writer, 2, fields, "spanId", 8);
    id(writer, 1, fields, "traceId", 16);
  });
}

function status(writer: BackwardWriter, value: unknown): void {
  if (value === null) return;
  const fields = objectOf(value, "status");
  const end = writer.length;
  const code = enumOf(read(fields, "code"), STATUS_CODE);
  if (code) writer.varint(3, code);
  text(writer, 2, fields, "message");
  writer.close(15, end);
}

function spanEvent(writer: BackwardWriter, fields: Json): void {
  const end = writer.length;
  uint32To(writer, 4, fields, "droppedAttributesCount");
  attributes(writer, 3, fields);
  text(writer, 2, fields, "name");
  time(writer, 1, fields, "timeUnixNano");
  writer.close(11, end);
}

function spanLink(writer: BackwardWriter, fields: Json): void {
  const end = writer.length;
  const flags = uint32(fields, "flags");
  if (flags) writer.fixed32(6, flags);
  uint32To(writer, 5, fields, "droppedAttributesCount");
  attributes(writer, 4, fields);
  text(writer, 3, fields, "traceState");
  id(writer, 2, fields, "spanId", 8);
  id(writer, 1, fields, "traceId", 16);
  writer.close(13, end);
}

function logRecord(writer: BackwardWriter, item: unknown, refused: Refused): void {
  record(writer, "log", refused, () => {
    const fields = objectOf(item, "logRecords");
    text(writer, 12, fields, "eventName");
    time(writer, 11, fields, "observedTimeUnixNano");
    id(writer, 10, fields, "spanId", 8);
    id(writer, 9, fields, "traceId", 16);
    const flags = uint32(fields, "flags");
    if (flags) writer.fixed32(8, flags);
    uint32To(writer, 7, fields, "droppedAttributesCount");
    attributes(writer, 6, fields);
    const body = read(fields, "body");
    if (body !== null) anyValue(writer, 5, body, 0);
    text(writer, 3, fields, "severityText");
    const severity = enumOf(read(fields, "severityNumber"), SEVERITY_NUMBER);
    if (severity) writer.varint(2, severity);
    time(writer, 1, fields, "timeUnixNano");
  });
}

function metric(writer: BackwardWriter, item: unknown, refused: Refused): void {
  record(writer, "metric", refused, () => {
    const fields = objectOf(item, "metrics");
    for (const [name, field] of METRIC_DATA) {
      const data = read(fields, name);
      if (data === null) continue;
      const end = writer.length;
      if (field === METRIC_SUM) {
        const temporality = enumOf(read(objectOf(data, name), "aggregationTemporality"), AGGREGATION_TEMPORALITY);
        if (temporality) writer.varint(2, temporality);
      }
      for (const point of backwards(objectOf(data, name), "dataPoints")) dataPoint(writer, objectOf(point, "dataPoints"), field);
      writer.close(field, end);
    }
    text(writer, 1, fields, "name");
  });
}

function dataPoint(writer: BackwardWriter, fields: Json, data: number): void {
  const end = writer.length;
  // Of histograms and summaries it matters only that there was a point.
  if (data === METRIC_GAUGE || data === METRIC_SUM) {
    const flags = uint32(fields, "flags");
    if (flags) writer.varint(8, flags);
    attributes(writer, 7, fields);
    const asInt = read(fields, "asInt");
    if (asInt !== null) writer.fixed64(6, int64(asInt) ?? fail("asInt", asInt, "a 64-bit integer"));
    const asDouble = read(fields, "asDouble");
    if (asDouble !== null) writer.double(4, double(asDouble) ?? fail("asDouble", asDouble, "a number"));
    time(writer, 3, fields, "timeUnixNano");
  }
  writer.close(1, end);
}

function attributes(writer: BackwardWriter, field: number, owner: Json): void {
  for (const entry of backwards(owner, "attributes")) keyValue(writer, field, entry, 0);
}

function keyValue(writer: BackwardWriter, field: number, entry: unknown, depth: number): void {
  const { key, value } = objectOf(entry, "attributes");
  const end = writer.length;
  anyValue(writer, 2, value ?? null, depth);
  writer.text(1, typeof key === "string" ? key : fail("key", key, "text"));
  writer.close(field, end);
}

function anyValue(writer: BackwardWriter, field: number, value: unknown, depth: number): void {
  if (depth > MAX_VALUE_DEPTH) throw new MalformedBody(`Not an OTLP/JSON body: values nested deeper than ${MAX_VALUE_DEPTH}`);
  const end = writer.length;
  if (value !== null && typeof value === "object") oneOf(writer, value as Json, depth);
  else bareValue(writer, value);
  writer.close(field, end);
}

function oneOf(writer: BackwardWriter, value: Json, depth: number): void {
  for (const [name, write] of VALUE_WRITERS) {
    const content = read(value, name);
    if (content === null) continue;
    write(writer, content, depth);
    return;
  }
}

/** A value without its wrapper, as some hand-made exporters send it. */
function bareValue(writer: BackwardWriter, value: unknown): void {
  if (typeof value === "string") writer.text(1, value);
  else if (typeof value === "boolean") writer.varint(2, value ? 1 : 0);
  else if (typeof value === "number") writer.double(4, value);
}

const VALUE_WRITERS: [string, (writer: BackwardWriter, content: unknown, depth: number) => void][] = [
  ["stringValue", (writer, content) => writer.text(1, typeof content === "string" ? content : shown(content))],
  ["boolValue", (writer, content) => writer.varint(2, content === true || content === "true" || content === 1 ? 1 : 0)],
  ["intValue", intValue],
  [
    "doubleValue",
    (writer, content) => {
      const number = double(content);
      if (number === null) writer.text(1, shown(content));
      else writer.double(4, number);
    },
  ],
  [
    "arrayValue",
    (writer, content, depth) => {
      const end = writer.length;
      for (const item of backwards(objectOf(content, "arrayValue"), "values")) anyValue(writer, 1, item, depth + 1);
      writer.close(5, end);
    },
  ],
  [
    "kvlistValue",
    (writer, content, depth) => {
      const end = writer.length;
      for (const entry of backwards(objectOf(content, "kvlistValue"), "values")) keyValue(writer, 1, entry, depth + 1);
      writer.close(6, end);
    },
  ],
  ["bytesValue", (writer, content) => writer.bytes(7, Buffer.from(typeof content === "string" ? content : "", "base64"))],
];

/** An integer that fits stays one; one that does not, or is none, is kept as what it is rather than refused. */
function intValue(writer: BackwardWriter, content: unknown): void {
  const integer = int64(content);
  if (integer !== null) writer.varint64(3, integer);
  else if (typeof content === "number") writer.double(4, content);
  else writer.text(1, shown(content));
}

function text(writer: BackwardWriter, field: number, owner: Json, name: string): void {
  const value = read(owner, name);
  if (value === null || value === "") return;
  writer.text(field, typeof value === "string" ? value : fail(name, value, "text"));
}

function time(writer: BackwardWriter, field: number, owner: Json, name: string): void {
  const value = read(owner, name);
  if (value === null) return;
  const moment = integerOf(value);
  if (moment === null || moment < 0n || moment >= 1n << 64n)
    throw new WrongValue(name, value, "nanoseconds since 1970, unsigned 64-bit, as text");
  if (moment !== 0n) writer.fixed64(field, moment);
}

/** Hex of any case, or base64 where its length says so (protobuf's own JSON mapping writes bytes so). */
function id(writer: BackwardWriter, field: number, owner: Json, name: string, size: number): void {
  const value = read(owner, name);
  if (value === null || value === "") return;
  if (typeof value !== "string") throw new WrongValue(name, value, `${size * 2} hex digits`);
  const isHex = value.length === size * 2 && /^[0-9a-f]*$/i.test(value);
  const isBase64 = !isHex && value.replace(/=+$/, "").length === Math.ceil((size * 8) / 6) && /^[0-9a-z+/_-]+=*$/i.test(value);
  if (!isHex && !isBase64) throw new WrongValue(name, value, `${size * 2} hex digits`);
  writer.bytes(field, Buffer.from(value, isHex ? "hex" : "base64"));
}

function uint32To(writer: BackwardWriter, field: number, owner: Json, name: string): void {
  const value = uint32(owner, name);
  if (value) writer.varint(field, value);
}

function uint32(owner: Json, name: string): number {
  const value = read(owner, name);
  const number = value === null ? 0 : Number(value);
  return Number.isInteger(number) && number >= 0 && number <= 0xffffffff ? number : fail(name, value, "an unsigned 32-bit integer");
}

/** A member by number, by number as text, or by name with or without its prefix; what is none of it is 0, "unspecified". */
function enumOf(value: unknown, members: { prefix: string; names: Map<string, number> }): number {
  if (typeof value === "number") return Number.isInteger(value) && value > 0 && value <= 0xff ? value : 0;
  if (typeof value !== "string") return 0;
  const name = value.toUpperCase();
  const short = name.startsWith(members.prefix) ? name.slice(members.prefix.length) : name;
  return members.names.get(short) ?? enumOf(/^\d{1,3}$/.test(value) ? Number(value) : null, members);
}

const namesOf = (names: readonly string[]): Map<string, number> => new Map(names.map((name, number) => [name, number]));
const SPAN_KIND = { prefix: "SPAN_KIND_", names: namesOf(["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]) };
const STATUS_CODE = { prefix: "STATUS_CODE_", names: namesOf(["UNSET", "OK", "ERROR"]) };
const AGGREGATION_TEMPORALITY = { prefix: "AGGREGATION_TEMPORALITY_", names: namesOf(["UNSPECIFIED", "DELTA", "CUMULATIVE"]) };
const SEVERITY_NUMBER = {
  prefix: "SEVERITY_NUMBER_",
  names: namesOf([
    "UNSPECIFIED",
    ...["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].flatMap((name) => [name, `${name}2`, `${name}3`, `${name}4`]),
  ]),
};
const METRIC_GAUGE = 5;
const METRIC_SUM = 7;
const METRIC_DATA: [string, number][] = [
  ["gauge", METRIC_GAUGE],
  ["sum", METRIC_SUM],
  ["histogram", 9],
  ["exponentialHistogram", 10],
  ["summary", 11],
];

function integerOf(value: unknown): bigint | null {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : null;
  return typeof value === "string" && /^-?\d{1,20}$/.test(value) ? BigInt(value) : null;
}

function int64(value: unknown): bigint | null {
  const integer = integerOf(value);
  return integer !== null && BigInt.asIntN(64, integer) === integer ? integer : null;
}

/** Numbers, numbers as text, and the three that JSON has no number for. */
function double(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (value === "NaN") return Number.NaN;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return Number.isNaN(number) ? null : number;
}

/** A field by its lowerCamelCase name or its snake_case one; null when absent. Only ever called with OTLP's own names. */
function read(owner: Json, name: string): unknown {
  return owner[name] ?? owner[snakeCaseOf(name)] ?? null;
}

const SNAKE_CASE = new Map<string, string>();

function snakeCaseOf(name: string): string {
  const known = SNAKE_CASE.get(name);
  if (known !== undefined) return known;
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  SNAKE_CASE.set(name, snake);
  return snake;
}

function backwards(owner: Json, name: string): unknown[] {
  const list = read(owner, name);
  if (list === null) return [];
  return Array.isArray(list) ? list.toReversed() : fail(name, list, "a list");
}

function objectOf(value: unknown, name: string): Json {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new WrongValue(name, value, "an object");
  return value as Json;
}

function fail(field: string, value: unknown, expected: string): never {
  throw new WrongValue(field, value, expected);
}

/** The value as a sender would recognise it, at most a line. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value !== null && typeof value === "object") return "an object";
  return typeof value === "string" && value.length <= SHOWN_VALUE ? value : String(value).slice(0, SHOWN_VALUE);
}

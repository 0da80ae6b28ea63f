import { type AttributeValue, writeKeyValue } from "@/lib/otel/attributes";
import type { RecordBatch, Rejection } from "@/lib/otel/record-batch";
import { BackwardWriter } from "@/lib/otel/wire";
import { zipkinOpen } from "./dialects/zipkin-open";
import { parseJson } from "./json";
import { DEFAULT_LIMITS, type DecodeLimits } from "./limits";
import { MalformedBody } from "./malformed-body";
import { decodeTraces } from "./protobuf";

type Json = Record<string, unknown>;

const KINDS = new Map([
  ["SERVER", 2],
  ["CLIENT", 3],
  ["PRODUCER", 4],
  ["CONSUMER", 5],
]);
/** A Zipkin span without a kind is local work. */
const INTERNAL = 1;
const ERROR = 2;
const NS_PER_US = 1000n;
const UINT64 = 1n << 64n;
const REJECTIONS_TOLD = 64;
const SHOWN_VALUE = 80;

/**
 * Zipkin v2 JSON (`POST /api/v2/spans`, https://zipkin.io/zipkin-api) into the same as decodeTraces gives: tags become string
 * attributes, annotations events, `localEndpoint.serviceName` the resource, µs ns. A 64-bit trace id is padded on the left with zeros.
 * A span without duration has only begun. `shared` (the server's half of a span whose id the client made) is kept as the attribute
 * `zipkin.shared`. MalformedBody when the body is no list of spans.
 */
export function decodeZipkin(body: Uint8Array, limits: DecodeLimits = DEFAULT_LIMITS): RecordBatch {
  const list = parseJson(body);
  if (!Array.isArray(list)) throw new MalformedBody("Not a Zipkin v2 body: a list of spans is expected");
  const rejections: Rejection[] = [];
  let rejectedCount = 0;
  const byService = new Map<string, Json[]>();
  for (const item of list) {
    const wrong = wrongIn(item);
    if (!wrong) {
      const service = textOf(objectOf((item as Json).localEndpoint).serviceName);
      const spans = byService.get(service);
      if (spans) spans.push(item as Json);
      else byService.set(service, [item as Json]);
      continue;
    }
    rejectedCount++;
    if (rejections.length < REJECTIONS_TOLD) rejections.push({ signal: "span", ...wrong });
  }
  const batch = decodeTraces(writeRequest(byService), limits);
  zipkinOpen(batch.spans);
  batch.rejections.unshift(...rejections);
  batch.rejectedCount += rejectedCount;
  return batch;
}

function wrongIn(item: unknown): Omit<Rejection, "signal"> | null {
  if (item === null || typeof item !== "object" || Array.isArray(item)) return { field: "span", value: shown(item), expected: "an object" };
  const span = item as Json;
  if (!isHex(span.traceId, 32)) return { field: "traceId", value: shown(span.traceId), expected: "16 or 32 hex digits" };
  if (!isHex(span.id, 16)) return { field: "id", value: shown(span.id), expected: "16 hex digits" };
  for (const field of ["timestamp", "duration"]) {
    if (microsOf(span[field]) === null) return { field, value: shown(span[field]), expected: "whole microseconds" };
  }
  const end = (microsOf(span.timestamp) ?? 0n) + (microsOf(span.duration) ?? 0n);
  return end * NS_PER_US < UINT64 ? null : { field: "duration", value: shown(span.duration), expected: "an end before the year 2554" };
}

/** Zipkin ids are lower-case hex; ids shorter than they should be are accepted and padded, as Zipkin's own server does. */
const isHex = (value: unknown, most: number): value is string =>
  typeof value === "string" && value.length <= most && /^[0-9a-f]+$/i.test(value);

function writeRequest(byService: Map<string, Json[]>): Uint8Array {
  const writer = new BackwardWriter(4096);
  for (const [service, spans] of [...byService].reverse()) {
    const end = writer.length;
    for (const span of spans.toReversed()) writeSpan(writer, span);
    writer.close(2, end);
    const resourceEnd = writer.length;
    if (service !== "") writeKeyValue(writer, 1, "service.name", { type: "string", value: service });
    writer.close(1, resourceEnd);
    writer.close(1, end);
  }
  return writer.finish();
}

function writeSpan(writer: BackwardWriter, span: Json): void {
  const end = writer.length;
  const start = microsOf(span.timestamp) ?? 0n;
  const duration = microsOf(span.duration) ?? 0n;
  const tags = Object.entries(objectOf(span.tags));
  writeStatus(writer, tags);
  for (const annotation of listOf(span.annotations).reverse()) writeAnnotation(writer, objectOf(annotation));
  for (const [key, value] of attributesOf(span, tags).reverse()) writeKeyValue(writer, 9, key, value);
  if (duration > 0n) writer.fixed64(8, BigInt.asUintN(64, (start + duration) * NS_PER_US));
  writer.fixed64(7, BigInt.asUintN(64, start * NS_PER_US));
  writer.varint(6, KINDS.get(textOf(span.kind).toUpperCase()) ?? INTERNAL);
  writer.text(5, textOf(span.name));
  if (isHex(span.parentId, 16)) writer.bytes(4, idOf(span.parentId, 16));
  else if (typeof span.parentId === "string") writer.bytes(4, Buffer.from(span.parentId));
  writer.bytes(2, idOf(span.id as string, 16));
  writer.bytes(1, idOf(span.traceId as string, 32));
  writer.close(2, end);
}

/** Zipkin says "failed" by the presence of a tag `error`; OpenTelemetry's Zipkin exporters add `otel.status_code`. */
function writeStatus(writer: BackwardWriter, tags: [string, unknown][]): void {
  const tag = (name: string): unknown => tags.find(([key]) => key === name)?.[1];
  const error = tag("error");
  const code = tag("otel.status_code") ?? (error === undefined ? undefined : "ERROR");
  if (code !== "ERROR" && code !== "OK") return;
  const end = writer.length;
  writer.varint(3, code === "ERROR" ? ERROR : 1);
  if (code === "ERROR" && textOf(error) !== "" && error !== "true") writer.text(2, textOf(error));
  writer.close(15, end);
}

function writeAnnotation(writer: BackwardWriter, annotation: Json): void {
  const end = writer.length;
  writer.text(2, textOf(annotation.value));
  writer.fixed64(1, BigInt.asUintN(64, (microsOf(annotation.timestamp) ?? 0n) * NS_PER_US));
  writer.close(11, end);
}

function attributesOf(span: Json, tags: [string, unknown][]): [string, AttributeValue][] {
  const text = (value: unknown): AttributeValue => ({ type: "string", value: textOf(value) });
  const attributes: [string, AttributeValue][] = tags.map(([key, value]) => [key, text(value)]);
  if (span.shared === true) attributes.push(["zipkin.shared", { type: "bool", value: true }]);
  if (span.debug === true) attributes.push(["zipkin.debug", { type: "bool", value: true }]);
  const local = objectOf(span.localEndpoint);
  const remote = objectOf(span.remoteEndpoint);
  const told: [string, unknown][] = [
    ["network.local.address", local.ipv4 ?? local.ipv6],
    ["network.local.port", local.port],
    ["peer.service", remote.serviceName],
    ["network.peer.address", remote.ipv4 ?? remote.ipv6],
    ["network.peer.port", remote.port],
  ];
  for (const [key, value] of told) {
    if (Number.isSafeInteger(value)) attributes.push([key, { type: "int", value: String(value) }]);
    else if (typeof value === "string" && value !== "") attributes.push([key, text(value)]);
  }
  return attributes;
}

const idOf = (hex: string, digits: number): Uint8Array => Buffer.from(hex.padStart(digits, "0"), "hex");

/** Whole µs, 0 when absent; null when it is no such thing or its ns would not fit 64 bits. */
function microsOf(value: unknown): bigint | null {
  if (value === undefined || value === null) return 0n;
  const isWhole = (typeof value === "number" && Number.isInteger(value)) || (typeof value === "string" && /^\d{1,20}$/.test(value));
  if (!isWhole) return null;
  const micros = BigInt(value as number | string);
  return micros >= 0n && micros * NS_PER_US < UINT64 ? micros : null;
}

const objectOf = (value: unknown): Json => (value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Json) : {});
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? [...value] : []);

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function shown(value: unknown): string {
  if (value !== null && typeof value === "object") return Array.isArray(value) ? "a list" : "an object";
  return value === undefined ? "(missing)" : String(value).slice(0, SHOWN_VALUE);
}

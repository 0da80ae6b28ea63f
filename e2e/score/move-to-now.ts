import { deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import type { Capture, RecordedRequest } from "./capture";
import { placesIn } from "./otlp-places";

const DAY_MS = 86_400_000;

/** A capture whose times are now and whose trace ids nobody has seen, so that it can be replayed again and again. */
export interface MovedCapture extends Capture {
  deltaMs: number;
  /** Body of each request as it is to be sent. */
  bodies: Map<RecordedRequest, Buffer>;
  /** The new id of a recorded trace. */
  renamed(traceId: string): string;
  traceIds: string[];
  services: string[];
}

/** Moves all times by `deltaMs` and makes every trace id another by `mask` (16 bytes); ids that hold a time (ULIDs) keep holding it. */
export function moveToNow(capture: Capture, deltaMs: number, mask: Buffer): MovedCapture {
  const requests = capture.events.flatMap((event) => (event.event === "request" && event.body ? [event] : []));
  const known = new Set<string>();
  const services = new Set<string>();
  const plain = new Map<RecordedRequest, Buffer>();
  for (const request of requests) {
    const body = unpacked(request);
    if (!body) continue;
    plain.set(request, body);
    for (const id of traceIdsIn(request, body)) known.add(id);
    for (const name of servicesIn(request, body)) services.add(name);
  }
  const renamed = (traceId: string) => renameTraceId(traceId, capture.wallMs, deltaMs, mask);
  const names = [...known].map((id): [string, string] => [id, renamed(id)]);
  const bodies = new Map<RecordedRequest, Buffer>();
  for (const request of requests) {
    const body = plain.get(request);
    bodies.set(request, body ? packed(request, moved(request, body, capture.wallMs, deltaMs, names)) : Buffer.from(request.body, "base64"));
  }
  return { ...capture, deltaMs, bodies, renamed, traceIds: names.map(([, to]) => to), services: [...services] };
}

const isJson = (request: RecordedRequest) => /json/.test(request.headers["content-type"] ?? "");
const encodingOf = (request: RecordedRequest) => (request.grpcCompressed ? "gzip" : request.headers["content-encoding"]);

/** The body without its compression, or null when it is broken: then it is sent as it was. */
function unpacked(request: RecordedRequest): Buffer | null {
  const body = Buffer.from(request.body, "base64");
  try {
    const encoding = encodingOf(request);
    return encoding === "gzip" ? gunzipSync(body) : encoding === "deflate" ? inflateSync(body) : body;
  } catch {
    return null;
  }
}

function packed(request: RecordedRequest, body: Buffer): Buffer {
  const encoding = encodingOf(request);
  return encoding === "gzip" ? gzipSync(body) : encoding === "deflate" ? deflateSync(body) : body;
}

function traceIdsIn(request: RecordedRequest, body: Buffer): string[] {
  if (isJson(request))
    return [...body.toString().matchAll(/"traceId"\s*:\s*"([0-9a-f]{32})"/gi)].map(([, id]) => (id as string).toLowerCase());
  return placesIn(body, request.path).traceIds.map((at) => body.toString("hex", at, at + 16));
}

function servicesIn(request: RecordedRequest, body: Buffer): string[] {
  if (!isJson(request)) return placesIn(body, request.path).services;
  const patterns = [/"service\.name"\s*,\s*"value"\s*:\s*\{\s*"stringValue"\s*:\s*"([^"]+)"/g, /"serviceName"\s*:\s*"([^"]+)"/g];
  return patterns.flatMap((pattern) => [...body.toString().matchAll(pattern)].map(([, name]) => name as string));
}

function moved(request: RecordedRequest, body: Buffer, wallMs: number, deltaMs: number, names: [string, string][]): Buffer {
  if (isJson(request)) return Buffer.from(withNames(movedDigits(body.toString(), wallMs, deltaMs), names));
  const copy = Buffer.from(body);
  for (const at of placesIn(body, request.path).times) {
    const time = body.readBigUInt64LE(at);
    if (time > 0n) copy.writeBigUInt64LE(BigInt.asUintN(64, time + BigInt(deltaMs) * 1_000_000n), at);
  }
  // Heartbeats carry a span as JSON inside a log body: nanoseconds have as many digits before as after.
  const text = copy.toString("latin1");
  for (const { index, 0: found } of text.matchAll(/TimeUnixNano\\*"\s*:\s*\\*"\d{19}/g))
    copy.write(movedDigits(found, wallMs, deltaMs), index, "latin1");
  for (const [from, to] of names) {
    for (const encoding of ["hex", "latin1"] as const) overwrite(copy, Buffer.from(from, encoding), Buffer.from(to, encoding));
  }
  return copy;
}

const withNames = (text: string, names: [string, string][]) => names.reduce((rest, [from, to]) => rest.replaceAll(from, to), text);

function overwrite(body: Buffer, from: Buffer, to: Buffer): void {
  for (let at = body.indexOf(from); at !== -1; at = body.indexOf(from, at + to.length)) to.copy(body, at);
}

/** Moves every number that reads as ns, or after "timestamp" as µs, of about the time of the recording. */
function movedDigits(text: string, wallMs: number, deltaMs: number): string {
  const shift = (digits: string, perMs: bigint) => {
    const near = Math.abs(Number(BigInt(digits) / perMs) - wallMs) < 3650 * DAY_MS;
    return near ? String(BigInt(digits) + BigInt(deltaMs) * perMs) : digits;
  };
  return text
    .replace(/(?<![0-9a-f])\d{19}(?![0-9a-f])/gi, (digits) => shift(digits, 1_000_000n))
    .replace(/("timestamp"\s*:\s*)(\d{16})(?!\d)/g, (_, key: string, digits: string) => key + shift(digits, 1_000n));
}

function renameTraceId(traceId: string, wallMs: number, deltaMs: number, mask: Buffer): string {
  const id = Buffer.from(traceId, "hex");
  if (id.length !== 16 || id.every((byte) => byte === 0)) return traceId;
  const ms = id.readUIntBE(0, 6);
  const isUlid = Math.abs(ms - wallMs) < 30 * DAY_MS;
  const isShort = id.subarray(0, 8).every((byte) => byte === 0); // a 64-bit id, cut on the way: must stay one
  const firstFree = isUlid ? 6 : isShort ? 8 : 0;
  if (isUlid) id.writeUIntBE(ms + deltaMs, 0, 6);
  for (let index = firstFree; index < 16; index++) id[index] = (id[index] as number) ^ (mask[index] as number);
  return id.toString("hex");
}

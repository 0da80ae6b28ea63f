import { decodeAttributes } from "@/lib/otel/attributes";
import type { ScopeEntry } from "@/lib/otel/record-batch";
import { DIALECTS, MARKS, PHASES } from "@/lib/otel/span";
import { BackwardWriter, FieldCursor, readText, WireFault } from "@/lib/otel/wire";
import { absorbSpans } from "../absorb";
import { BatchBuilder } from "../batch-builder";
import { type Refused, tracesToProtobuf } from "../json-to-protobuf";
import { MalformedBody } from "../malformed-body";
import { TraceDecoder } from "../trace-decoder";
import { fieldWith, join, rebuild } from "../trim";
import { parseGoDuration } from "./go-duration";

const HEARTBEAT = PHASES.indexOf("heartbeat");
const END = PHASES.indexOf("end");
const PARTIAL_EVENT = DIALECTS.indexOf("partial-event");
const LONGEST_INTERVAL_MS = 0xffffffff;
const OPENING_BRACE = 0x7b;

/** What a heartbeat log says of the span in its body. */
interface Heartbeat {
  event: string;
  everyMs: number;
  body: Uint8Array;
  /** Attributes of the log record that are not about the heartbeat itself. */
  others: Uint8Array[];
}

/**
 * Heartbeat logs (partial-span-processor and its .NET and Java kin, wire.md §7.2): a log record whose body is the TracesData of one
 * span that is open (`heartbeat`) or has just ended (`stop`), as JSON or protobuf, either of them as text or bytes, protobuf as text in
 * base64. Adds the span record(s) to `batch` and returns true. Returns false when the log is to be taken as an ordinary one: the body is
 * no span, or a `stop` does not say when the span ended and so is no evidence of an end (it may arrive after the real one).
 */
export function partialEvent(batch: BatchBuilder, at: number, end: number, resource: number, scope: number): boolean {
  const heartbeat = readHeartbeat(batch.bytes, at, end);
  if (heartbeat.event !== "heartbeat" && heartbeat.event !== "stop") return false;
  const entry = batch.resources[resource];
  const inside = entry && decodeBody(batch, heartbeat, entry.attributesBytes, batch.scopes[scope]);
  if (!inside || inside.spans.count === 0 || inside.rejectedCount > 0 || inside.logs.count > 0) return false;

  const { spans } = inside;
  const rows = Array.from({ length: spans.count }, (_, row) => row);
  if (heartbeat.event === "stop" && rows.some((row) => spans.endHigh[row] === 0 && spans.endLow[row] === 0)) return false;
  for (const row of rows) {
    spans.dialect[row] = PARTIAL_EVENT;
    spans.phase[row] = heartbeat.event === "stop" ? END : HEARTBEAT;
    if (heartbeat.event === "stop") continue;
    spans.heartbeatEveryMs[row] = heartbeat.everyMs;
    spans.endHigh[row] = 0;
    spans.endLow[row] = 0;
    spans.marks[row] = (spans.marks[row] as number) & ~MARKS.endBeforeStart;
  }
  absorbSpans(batch, inside);
  return true;
}

function readHeartbeat(bytes: Uint8Array, at: number, end: number): Heartbeat {
  const heartbeat: Heartbeat = { event: "", everyMs: 0, body: EMPTY, others: [] };
  const fields = new FieldCursor(bytes, at, end);
  while (fields.next()) {
    if (fields.field === 5) heartbeat.body = tracesDataOf(new FieldCursor(bytes, fields.valueAt, fields.valueEnd));
    else if (fields.field === 6) readAttribute(heartbeat, bytes.slice(fields.fieldAt, fields.at));
  }
  return heartbeat;
}

function readAttribute(heartbeat: Heartbeat, keyValue: Uint8Array): void {
  const [attribute] = decodeAttributes(keyValue);
  if (!attribute) return;
  const text = attribute.value.type === "string" ? attribute.value.value : "";
  if (attribute.key === "partial.event") heartbeat.event = text;
  else if (attribute.key === "partial.frequency") heartbeat.everyMs = Math.min(LONGEST_INTERVAL_MS, Math.round(parseGoDuration(text) ?? 0));
  else if (!attribute.key.startsWith("partial.")) heartbeat.others.push(keyValue);
}

/** The TracesData in an AnyValue, as bytes of JSON or of protobuf. What it is can be seen; `partial.body.type` is not needed for it. */
function tracesDataOf(body: FieldCursor): Uint8Array {
  let data: Uint8Array = EMPTY;
  while (body.next()) {
    const content = body.bytes.subarray(body.valueAt, body.valueEnd);
    if (body.field === 7) data = content;
    else if (body.field === 1) data = looksLikeJson(content) ? content : Buffer.from(readText(content, 0, content.length), "base64");
  }
  return data;
}

/** No TracesData in protobuf begins with a brace: that would be a group, number 15. */
const looksLikeJson = (bytes: Uint8Array): boolean => bytes[bytes.findIndex((byte) => byte > 0x20)] === OPENING_BRACE;

function decodeBody(
  { limits }: BatchBuilder,
  heartbeat: Heartbeat,
  resource: Uint8Array,
  scope: ScopeEntry | undefined,
): BatchBuilder | null {
  const refused: Refused = { rejections: [], rejectedCount: 0 };
  try {
    const traces = looksLikeJson(heartbeat.body)
      ? tracesToProtobuf(JSON.parse(Buffer.from(heartbeat.body).toString("utf8")), refused)
      : heartbeat.body;
    if (refused.rejectedCount > 0) return null;
    const inside = new BatchBuilder(withContext(traces, resource, scope, heartbeat.others), limits, "spans");
    new TraceDecoder(inside).run();
    return inside;
  } catch (error) {
    if (error instanceof WireFault || error instanceof MalformedBody || error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * What the body leaves out comes from the log record around it: attributes of the resource, the scope, attributes of the span. What the
 * body says itself wins (otel-partial-collector does the same; its .NET emitter sends no resource in the body).
 */
function withContext(traces: Uint8Array, resource: Uint8Array, scope: ScopeEntry | undefined, attributes: Uint8Array[]): Uint8Array {
  return rebuild(traces, 0, traces.length, (group) => (group.field === 1 ? resourceSpans(group, resource, scope, attributes) : null));
}

function resourceSpans(group: FieldCursor, fromLog: Uint8Array, scope: ScopeEntry | undefined, attributes: Uint8Array[]): Uint8Array {
  const { bytes, valueAt, valueEnd } = group;
  const own: Uint8Array[] = [];
  const rest = rebuild(bytes, valueAt, valueEnd, (field) => {
    if (field.field === 2) return scopeSpans(field, scope, attributes);
    if (field.field !== 1) return null;
    own.push(bytes.subarray(field.valueAt, field.valueEnd));
    return "drop";
  });
  const resource = join(own);
  return join([fieldWith(1, join([resource, ...missingFrom(resource, 1, fromLog)])), rest]);
}

function scopeSpans(group: FieldCursor, fromLog: ScopeEntry | undefined, attributes: Uint8Array[]): Uint8Array {
  const { bytes, valueAt, valueEnd } = group;
  let hasScope = false;
  const own = rebuild(bytes, valueAt, valueEnd, (field) => {
    if (field.field === 1) hasScope = true;
    if (field.field !== 2) return null;
    const span = bytes.subarray(field.valueAt, field.valueEnd);
    return join([span, ...missingFrom(span, 9, join(attributes))]);
  });
  return hasScope || !fromLog ? own : join([scopeField(fromLog), own]);
}

function scopeField(scope: ScopeEntry): Uint8Array {
  const writer = new BackwardWriter(64);
  writer.raw(scope.attributesBytes);
  writer.text(2, scope.version);
  writer.text(1, scope.name);
  return fieldWith(1, writer.finish());
}

/** Those of the offered attributes whose key is not among the message's fields number `field`, as such fields. */
function missingFrom(message: Uint8Array, field: number, offered: Uint8Array): Uint8Array[] {
  const known = new Set<string>();
  const own = new FieldCursor(message);
  while (own.next()) if (own.field === field) known.add(keyOf(own));
  const missing: Uint8Array[] = [];
  const fields = new FieldCursor(offered);
  while (fields.next()) if (!known.has(keyOf(fields))) missing.push(fieldWith(field, offered.subarray(fields.valueAt, fields.valueEnd)));
  return missing;
}

const keyOf = ({ bytes, fieldAt, at }: FieldCursor): string => decodeAttributes(bytes.subarray(fieldAt, at))[0]?.key ?? "";

const EMPTY = new Uint8Array(0);

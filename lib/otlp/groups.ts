import { hexOf } from "@/lib/otel/ids";
import type { Rejection } from "@/lib/otel/record-batch";
import { FieldCursor, WIRE } from "@/lib/otel/wire";
import { wrongWire } from "./attribute-reader";
import type { BatchBuilder } from "./batch-builder";
import { GroupReader } from "./resource";

type ReadRecord = (at: number, end: number, resource: number, scope: number) => void;

/**
 * Walks a request down to its records: resources, in them scopes, in them spans, log records or metrics; the field numbers are the same
 * for all three. A resource may stand behind its spans (the Collector writes its fields in descending order), so a record knows its
 * resource and scope by their index only. `resourceRead` is called when a resource is known and all its records have been seen.
 */
export function walkGroups(batch: BatchBuilder, readRecord: ReadRecord, resourceRead: (resource: number) => void = () => {}): void {
  const reader = new GroupReader(batch);
  const request = new FieldCursor(batch.bytes);
  while (request.next()) {
    if (request.field !== 1) continue;
    if (request.wire !== WIRE.bytes) throw wrongWire(request);
    const resource = walkResource(batch, reader, request.valueAt, request.valueEnd, readRecord);
    if (resource >= 0) resourceRead(resource);
  }
}

/** Returns the index of the resource, or −1 when it said nothing and had no records. */
function walkResource(batch: BatchBuilder, reader: GroupReader, at: number, end: number, readRecord: ReadRecord): number {
  const index = batch.resources.length;
  const firstSpan = batch.spans.count;
  const firstLog = batch.logs.count;
  const places: number[] = [];
  let schemaUrl = "";
  let records = false;
  const fields = new FieldCursor(batch.bytes, at, end);
  while (fields.next()) {
    if (fields.field > 3) continue;
    if (fields.wire !== WIRE.bytes) throw wrongWire(fields);
    if (fields.field === 1) places.push(fields.valueAt, fields.valueEnd);
    else if (fields.field === 3) schemaUrl = batch.string(fields.valueAt, fields.valueEnd);
    else if (walkScope(batch, reader, fields.valueAt, fields.valueEnd, index, readRecord)) records = true;
  }
  const resource = reader.resource(places, schemaUrl);
  if (!records && resource.attributesBytes.length === 0) return -1;
  batch.addResource(resource);
  markRows(batch, firstSpan, firstLog, reader.marks);
  return index;
}

/** Returns whether the scope had records; one without is as if it had not been sent. */
function walkScope(batch: BatchBuilder, reader: GroupReader, at: number, end: number, resource: number, readRecord: ReadRecord): boolean {
  const index = batch.scopes.length;
  const firstSpan = batch.spans.count;
  const firstLog = batch.logs.count;
  const places: number[] = [];
  let schemaUrl = "";
  let records = false;
  const fields = new FieldCursor(batch.bytes, at, end);
  while (fields.next()) {
    if (fields.field > 3) continue;
    if (fields.wire !== WIRE.bytes) throw wrongWire(fields);
    if (fields.field === 2) {
      records = true;
      readRecord(fields.valueAt, fields.valueEnd, resource, index);
    } else if (fields.field === 1) places.push(fields.valueAt, fields.valueEnd);
    else schemaUrl = batch.string(fields.valueAt, fields.valueEnd);
  }
  const scope = reader.scope(places, schemaUrl);
  if (!records) return false;
  batch.addScope(scope);
  markRows(batch, firstSpan, firstLog, reader.marks);
  return true;
}

function markRows({ spans, logs }: BatchBuilder, firstSpan: number, firstLog: number, marks: number): void {
  if (marks === 0) return;
  for (let row = firstSpan; row < spans.count; row++) spans.marks[row] = (spans.marks[row] as number) | marks;
  for (let row = firstLog; row < logs.count; row++) logs.marks[row] = (logs.marks[row] as number) | marks;
}

export function isAllZero(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (bytes[i] !== 0) return false;
  return true;
}

const SHOWN_ID_BYTES = 32;

/** Refuses one record for an id that is none (R15), saying what came instead. */
export function rejectId(
  batch: BatchBuilder,
  signal: Rejection["signal"],
  field: string,
  at: number,
  length: number,
  bytesWanted: number,
): void {
  const shown = length <= 0 ? "(empty)" : hexOf(batch.bytes, at, Math.min(length, SHOWN_ID_BYTES)) + (length > SHOWN_ID_BYTES ? "…" : "");
  batch.reject({ signal, field, value: shown, expected: `${bytesWanted} bytes, not all of them zero` });
}

import {
  listResourcesWithBytes,
  listSpansWithBytes,
  listTraces,
  type TraceFilter,
  type TracePlace,
  type TraceRow,
  type WantedBytes,
} from "@/db/queries/traces";
import type { Context } from "@/lib/auth/context";
import { type AttributeValue, decodeAttributes, encodeKeyValue } from "@/lib/otel/attributes";
import { FieldCursor } from "@/lib/otel/wire";
import { attributeText } from "./present-attributes";

/** Traces that are looked through at once, and span records in all, before the search stops and says so. */
const TRACES_AT_ONCE = 100;
const SPANS_MAX = 200_000;
const SEARCH_MS_MAX = 3_000;
const RESOURCES_MAX = 1_000;

interface Found {
  rows: TraceRow[];
  /** Where the search goes on, or null when it is through. */
  next: TracePlace | null;
  /** Whether it stopped at a bound. */
  partial: boolean;
}

/**
 * Traces with a span that has all of these attributes, itself or by its resource. Attributes are stored as OTLP bytes, so Postgres looks
 * for the bytes of key and value (which of them comes first differs between senders), and what it finds is decoded and compared here.
 *
 * @param wanted `key=value` each; a value is compared as text, so `1` finds the string, the integer and the double.
 */
export async function searchAttributes(
  { db, viewer }: Context,
  filter: TraceFilter,
  wanted: readonly string[],
  from: TracePlace | null,
  limit: number,
): Promise<Found> {
  const pairs = wanted.map(pairOf);
  const bytes = await Promise.all(pairs.map((pair) => wantedBytes(db, pair)));
  const rows: TraceRow[] = [];
  const stopMs = performance.now() + SEARCH_MS_MAX;
  let looked = 0;
  for (let next = from; ; ) {
    const candidates = await listTraces(db, filter, next, TRACES_AT_ONCE);
    const ids = candidates.map((row) => row.traceId);
    const lookalikes = ids.length === 0 ? [] : await listSpansWithBytes(db, viewer.projectId, ids, bytes);
    const right = new Set(
      lookalikes.filter((span) => pairs.every((pair, i) => hasPair(span, pair, bytes[i] as WantedBytes))).map((span) => span.traceId),
    );
    rows.push(...candidates.filter((row) => right.has(row.traceId)));
    if (rows.length > limit) return { rows: rows.slice(0, limit), next: rows[limit - 1] ?? null, partial: false };
    if (candidates.length < TRACES_AT_ONCE) return { rows, next: null, partial: false };
    next = candidates.at(-1) ?? null;
    looked += candidates.reduce((sum, row) => sum + row.spanCount, 0);
    if (looked >= SPANS_MAX || performance.now() >= stopMs) return { rows, next, partial: true };
  }
}

interface Pair {
  key: string;
  value: string;
}

const pairOf = (text: string): Pair => ({ key: text.slice(0, text.indexOf("=")), value: text.slice(text.indexOf("=") + 1) });

const hasPair = (span: { resourceId: string; attributes: Uint8Array }, pair: Pair, bytes: WantedBytes): boolean =>
  bytes.resourceIds.includes(span.resourceId) || isAmong(pair, span.attributes);

const isAmong = ({ key, value }: Pair, attributes: Uint8Array): boolean =>
  decodeAttributes(attributes).some((attribute) => attribute.key === key && attributeText(attribute.value) === value);

async function wantedBytes(db: Context["db"], pair: Pair): Promise<WantedBytes> {
  const encoded = readingsOf(pair.value).map((value) => fieldsOf(encodeKeyValue(pair.key, value)));
  const bytes = { key: encoded[0]?.key ?? new Uint8Array(), values: encoded.map((one) => one.value) };
  const resources = await listResourcesWithBytes(db, bytes, RESOURCES_MAX);
  return { ...bytes, resourceIds: resources.filter(({ attributes }) => isAmong(pair, attributes)).map(({ resourceId }) => resourceId) };
}

/** What a value given as text may have been sent as. */
function readingsOf(text: string): AttributeValue[] {
  const readings: AttributeValue[] = [{ type: "string", value: text }];
  if (text === "true" || text === "false") readings.push({ type: "bool", value: text === "true" });
  if (/^-?(0|[1-9]\d{0,18})$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)) readings.push({ type: "int", value: text });
  if (text.trim() !== "" && !Number.isNaN(Number(text))) readings.push({ type: "double", value: Number(text) });
  return readings;
}

/** The key's and the value's field of a KeyValue, each with its tag. */
function fieldsOf(keyValue: Uint8Array): { key: Uint8Array; value: Uint8Array } {
  const outer = new FieldCursor(keyValue);
  outer.next();
  const fields = { key: new Uint8Array(), value: new Uint8Array() };
  const inner = new FieldCursor(keyValue, outer.valueAt, outer.valueEnd);
  while (inner.next()) fields[inner.field === 1 ? "key" : "value"] = keyValue.slice(inner.fieldAt, inner.valueEnd);
  return fields;
}

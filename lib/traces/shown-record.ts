import type { Span, SpanRecord } from "@/lib/otel/span";
import { decidingRecord } from "@/lib/span-tree/resolve-spans";

/** The record whose attributes, events and links a span is shown with: its end's; while it is open, its latest heartbeat's or its start's. */
export const shownRecord = (span: Span): SpanRecord =>
  decidingRecord(span) ??
  span.records.findLast((record) => record.phase === "heartbeat") ??
  span.records.find((record) => record.phase === "start") ??
  (span.records[0] as SpanRecord);

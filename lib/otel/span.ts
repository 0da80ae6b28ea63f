import type { SpanId, TraceId } from "./ids";
import type { UnixNano } from "./time";

/** What one received report says of its span: it began, it goes on, it ended. */
export type Phase = "start" | "heartbeat" | "end";
/** Phases in the order of their numbers in `span_record.phase`. */
export const PHASES: readonly Phase[] = ["start", "heartbeat", "end"];

/** How the report was said on the wire (design §5); the index is `span_record.dialect`. */
export const DIALECTS = ["otlp", "logfire-pending", "partial-event", "datadog-partial", "zipkin", "end-zero"] as const;
export type Dialect = (typeof DIALECTS)[number];

/** OTLP `Span.SpanKind`, by number. */
export const SPAN_KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

/** OTLP `Status.StatusCode`, by number. */
export const STATUS_CODES = ["unset", "ok", "error"] as const;
export type StatusCode = (typeof STATUS_CODES)[number];

/** Bits of `flags` that speak of the parent (OTLP trace.proto, `Span.flags`). */
export const HAS_IS_REMOTE = 0x100;
export const IS_REMOTE = 0x200;

/** Bits of `marks`: what we had to do to a record, or noticed, while taking it in (reliability-security.md R9, R13, R14). */
export const MARKS = {
  nameTruncated: 1,
  attributesTruncated: 2,
  eventsTruncated: 4,
  linksTruncated: 8,
  textRepaired: 16,
  timeBeyond2262: 32,
  startTimeZero: 64,
  endBeforeStart: 128,
  /** The status message of a span, or the message of a log record. */
  statusMessageTruncated: 256,
  /** A sweeper or Collector closed it: `finished_by_sweeper`, `partial.gc`, `connector.gc`, `brave.flush` … (wire.md L8). */
  closedByJanitor: 512,
  /** A parent id (span), or a trace or span id (log record), of wrong length: read as absent. */
  referenceInvalid: 1024,
} as const;

/** One received report about a span, as stored. Nothing of it is ever overwritten (design, decision 3). */
export interface SpanRecord {
  traceId: TraceId;
  spanId: SpanId;
  /** The real span's parent, or null for a root; dialects are already undone. */
  parentSpanId: SpanId | null;
  phase: Phase;
  dialect: Dialect;
  name: string;
  kind: SpanKind;
  statusCode: StatusCode;
  statusMessage: string | null;
  /** OTLP `Span.flags`, 32 bits. */
  flags: number;
  marks: number;
  startTimeUnixNano: UnixNano;
  /** Null unless the phase is `end`. */
  endTimeUnixNano: UnixNano | null;
  /** Declared interval of heartbeats in ms, or null. */
  heartbeatEveryMs: number | null;
  /** Server clock, Unix ms. */
  receivedMs: number;
  /** Ids of our own tables, as decimal text. */
  requestId: string;
  connectionId: string;
  processId: string;
  resourceId: string;
  scopeId: string;
  service: string;
}

/** States shown everywhere (design §6). `missing`: known only because others name it. */
export const SPAN_STATES = ["ongoing", "stale", "abandoned", "closed", "closed-at-exit", "missing"] as const;
export type SpanState = (typeof SPAN_STATES)[number];

/** One span, resolved from all its records by lib/span-tree/resolve-spans. */
export interface Span {
  traceId: TraceId;
  spanId: SpanId;
  parentSpanId: SpanId | null;
  name: string;
  kind: SpanKind;
  statusCode: StatusCode;
  statusMessage: string | null;
  flags: number;
  marks: number;
  startTimeUnixNano: UnixNano;
  /** Null while no end that we believe has arrived. */
  endTimeUnixNano: UnixNano | null;
  service: string;
  /** The process that owns the span: of its start record when there is one. */
  processId: string;
  resourceId: string;
  scopeId: string;
  /** Other spans of this trace that came with the same id but are not this one (cloned ids, Zipkin shared spans): 0, 1, 2 … */
  variant: number;
  /** Every report received, in order of arrival. */
  records: SpanRecord[];
}

import type { Attribute } from "./attributes";

/**
 * What one request brought, column by column: the decoder fills it, the COPY encoder reads it, and no object is made per span between
 * (performance.md §2.2). Row `i` of every array speaks of the same record. `…At` are offsets into `bytes`, −1 where absent; ids are
 * 16 or 8 raw bytes there; text is valid UTF-8 without NUL; attributes, events and links are the OTLP protobuf fields as received
 * (tag and length included, one after the other), so that any OTLP reader can read them back. Times are uint64 in two halves.
 */
export interface RecordBatch {
  bytes: Uint8Array;
  spans: SpanColumns;
  logs: LogColumns;
  resources: ResourceEntry[];
  scopes: ScopeEntry[];
  rejections: Rejection[];
  /** Spans or log records of the request that were refused one by one; counted exactly (OTLP partial success). */
  rejectedCount: number;
}

export interface SpanColumns {
  count: number;
  traceIdAt: Int32Array;
  spanIdAt: Int32Array;
  parentSpanIdAt: Int32Array;
  /** Index into PHASES. */
  phase: Uint8Array;
  /** Index into DIALECTS. */
  dialect: Uint8Array;
  kind: Uint8Array;
  statusCode: Uint8Array;
  flags: Uint32Array;
  marks: Uint32Array;
  startHigh: Uint32Array;
  startLow: Uint32Array;
  endHigh: Uint32Array;
  endLow: Uint32Array;
  /** 0 where none was declared. */
  heartbeatEveryMs: Uint32Array;
  nameAt: Int32Array;
  nameLength: Int32Array;
  statusMessageAt: Int32Array;
  statusMessageLength: Int32Array;
  traceStateAt: Int32Array;
  traceStateLength: Int32Array;
  attributesAt: Int32Array;
  attributesLength: Int32Array;
  eventsAt: Int32Array;
  eventsLength: Int32Array;
  linksAt: Int32Array;
  linksLength: Int32Array;
  /** Sum of `dropped_attributes_count`, `dropped_events_count`, `dropped_links_count` as the SDK declared them. */
  droppedCount: Uint32Array;
  /** Index into `resources` and `scopes`. */
  resource: Uint32Array;
  scope: Uint32Array;
}

export interface LogColumns {
  count: number;
  traceIdAt: Int32Array;
  spanIdAt: Int32Array;
  timeHigh: Uint32Array;
  timeLow: Uint32Array;
  severityNumber: Uint8Array;
  flags: Uint32Array;
  marks: Uint32Array;
  severityTextAt: Int32Array;
  severityTextLength: Int32Array;
  eventNameAt: Int32Array;
  eventNameLength: Int32Array;
  /** The body (or `logfire.msg`) as text, at most 64 KiB. */
  messageAt: Int32Array;
  messageLength: Int32Array;
  templateAt: Int32Array;
  templateLength: Int32Array;
  /** The body as an OTLP AnyValue message; −1 where the message says it all. */
  bodyAt: Int32Array;
  bodyLength: Int32Array;
  attributesAt: Int32Array;
  attributesLength: Int32Array;
  resource: Uint32Array;
  scope: Uint32Array;
}

/** A resource of a request, with what process identity needs (wire.md §2.5, §5.3). */
export interface ResourceEntry {
  /** `Resource.attributes` as OTLP bytes. */
  attributesBytes: Uint8Array;
  attributes: Attribute[];
  schemaUrl: string;
  /** `service.name`, or `unknown_service` when none was sent. */
  service: string;
  serviceInstanceId: string | null;
  pid: number | null;
  /** `host.id` or `host.name` or `k8s.pod.uid` or `container.id`, whichever identifies the machine best. */
  host: string | null;
  hostName: string | null;
  sdkName: string | null;
  sdkLanguage: string | null;
  sdkVersion: string | null;
  logfireVersion: string | null;
}

export interface ScopeEntry {
  name: string;
  version: string;
  attributesBytes: Uint8Array;
  schemaUrl: string;
}

/** One record that was refused, said so that its sender can mend it: the field, its value, what was expected. */
export interface Rejection {
  signal: "span" | "log" | "metric";
  field: string;
  value: string;
  expected: string;
}

/** What a metrics request is read for: whose it is (liveness), and the SDK's own counters (wire.md §4 "self-metrics"). */
export interface MetricsDigest {
  resources: ResourceEntry[];
  /** `isDelta`: the value is the difference to the point before (OTLP `AggregationTemporality`). */
  points: { resource: number; name: string; attributes: Attribute[]; value: number; timeUnixNano: bigint; isDelta: boolean }[];
  /** Data points that were accepted and dropped. */
  droppedPoints: number;
  rejections: Rejection[];
}

import type { LogRecord } from "@/lib/otel/log-record";
import type { SpanRecord } from "@/lib/otel/span";
import { unixNanoOfMs } from "@/lib/otel/time";

/** The moment at which drawings and built records begin: 2026-01-01T00:00:00Z, Unix ms. */
export const TEST_EPOCH_MS = 1_767_225_600_000;
/** The trace of every record that does not say otherwise. */
export const TEST_TRACE_ID = "019b76da000000000000000000000001";

/** An ended record of one span of 10 ms; say only what matters to the test. */
export function spanRecord(changes: Partial<SpanRecord> = {}): SpanRecord {
  const phase = changes.phase ?? "end";
  return {
    traceId: TEST_TRACE_ID,
    spanId: spanIdOf(changes.name ?? "span"),
    parentSpanId: null,
    phase,
    dialect: phase === "start" ? "logfire-pending" : phase === "heartbeat" ? "partial-event" : "otlp",
    name: "span",
    kind: "internal",
    statusCode: "unset",
    statusMessage: null,
    flags: 0x100,
    marks: 0,
    startTimeUnixNano: unixNanoOfMs(TEST_EPOCH_MS),
    endTimeUnixNano: phase === "end" ? unixNanoOfMs(TEST_EPOCH_MS + 10) : null,
    heartbeatEveryMs: phase === "heartbeat" ? 5_000 : null,
    receivedMs: TEST_EPOCH_MS + 11,
    requestId: ownIdOf("request"),
    connectionId: ownIdOf("main"),
    processId: ownIdOf("main"),
    resourceId: ownIdOf("main"),
    scopeId: ownIdOf("scope"),
    service: "shop",
    ...changes,
  };
}

/** A log record of the span named `span`; say only what matters to the test. */
export function logRecord(changes: Partial<LogRecord> = {}): LogRecord {
  return {
    traceId: TEST_TRACE_ID,
    spanId: spanIdOf("span"),
    timeUnixNano: unixNanoOfMs(TEST_EPOCH_MS + 5),
    flags: 0,
    severityNumber: 9,
    severityText: "INFO",
    eventName: null,
    message: "hello",
    template: "hello",
    service: "shop",
    receivedMs: TEST_EPOCH_MS + 6,
    requestId: ownIdOf("request"),
    connectionId: ownIdOf("main"),
    processId: ownIdOf("main"),
    resourceId: ownIdOf("main"),
    ...changes,
  };
}

/** The span id that stands for `label` in drawings: 16 hex digits, the same each time. */
export const spanIdOf = (label: string): string => fnv1a64(`span ${label}`).toString(16).padStart(16, "0");

/** The id of our own tables (process, connection, request …) that stands for `label`: decimal text of an int8. */
export const ownIdOf = (label: string): string => BigInt.asIntN(64, fnv1a64(`own ${label}`)).toString();

function fnv1a64(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash === 0n ? 1n : hash;
}

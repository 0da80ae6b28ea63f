/** 32 lower-case hex digits (W3C Trace Context, 16 bytes); never all zeros. */
export type TraceId = string;
/** 16 lower-case hex digits (8 bytes); never all zeros. */
export type SpanId = string;

/** What stands in a not-null `trace_id` column for a log record that names no trace. */
export const NO_TRACE_ID: TraceId = "0".repeat(32);

/** Lower-case hex of `length` bytes of `bytes` from `at`. */
export function hexOf(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString("hex");
}

/** Whether `text` is a trace id as we write it: 32 lower-case hex digits, not all zeros. */
export function isTraceId(text: string): text is TraceId {
  return /^[0-9a-f]{32}$/.test(text) && text !== NO_TRACE_ID;
}

/** Whether `text` is a span id as we write it: 16 lower-case hex digits, not all zeros. */
export function isSpanId(text: string): text is SpanId {
  return /^[0-9a-f]{16}$/.test(text) && text !== "0".repeat(16);
}

/**
 * Unix ms in the top 48 bits of a trace id that is a ULID (Logfire SDKs make such ids, wire.md §2.4), or null when those bits
 * are more than `toleranceMs` away from `nearMs`: then the id is random and says nothing of time.
 */
export function ulidTimeMs(traceId: TraceId, nearMs: number, toleranceMs = 86_400_000): number | null {
  const ms = Number.parseInt(traceId.slice(0, 12), 16);
  return Math.abs(ms - nearMs) <= toleranceMs ? ms : null;
}

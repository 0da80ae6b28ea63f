import type { SpanId, TraceId } from "./ids";
import type { UnixNano } from "./time";

/** One OTLP log record, or a Logfire log that came as a span (wire.md §2.3), as stored. */
export interface LogRecord {
  traceId: TraceId | null;
  spanId: SpanId | null;
  /** `time_unix_nano`, or `observed_time_unix_nano` where that is 0. */
  timeUnixNano: UnixNano;
  /** OTLP `LogRecord.flags`; of a Logfire log that came as a span, the span's: they speak of the span it was written in. */
  flags: number;
  /** OTLP severity number, 0 when not set. */
  severityNumber: number;
  severityText: string | null;
  eventName: string | null;
  /** The body rendered as one text. */
  message: string;
  /** Name of the template the message was made of (`logfire.msg_template`), or null. */
  template: string | null;
  service: string;
  receivedMs: number;
  requestId: string;
  connectionId: string;
  processId: string;
  resourceId: string;
}

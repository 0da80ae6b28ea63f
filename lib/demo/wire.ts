import { randomBytes } from "node:crypto";

/** A span as the gallery writes it. Times are ms before the moment at which its exhibit is sent (−). */
export interface DemoSpan {
  name: string;
  spanId: string;
  parentSpanId?: string;
  startMs: number;
  /** Absent: it has not ended; the SDK tells of its start only (end = 0 on the wire). */
  endMs?: number;
  /** OTLP number: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind?: number;
  /** The parent lives in another process (OTLP flags 0x300 instead of 0x100). */
  remoteParent?: boolean;
  attributes?: Record<string, string | number | boolean>;
  /** Whose span it says that it is, where that is not the sender: forked children send copies of their parent's. */
  process?: DemoProcess;
}

/** Who sends: becomes the resource. */
export interface DemoProcess {
  service: string;
  pid: number;
  host: string;
  /** What its exporter calls itself; `spanwatch-demo` where it does not matter. */
  userAgent?: string;
}

export const newTraceId = (): string => randomBytes(16).toString("hex");
export const newSpanId = (): string => randomBytes(8).toString("hex");

function text(key: string, value: string | number | boolean) {
  if (typeof value === "boolean") return { key, value: { boolValue: value } };
  return typeof value === "number" ? { key, value: { intValue: String(value) } } : { key, value: { stringValue: value } };
}

interface Shift {
  /** Unix ms from which the spans' times count. */
  baseMs: number;
  /** Added to every pid. */
  pidOffset: number;
}

/** The OTLP/JSON body of one request: spans of one trace that `sender` has to send. */
export function exportBody(sender: DemoProcess, traceId: string, spans: DemoSpan[], shift: Shift): string {
  return JSON.stringify(exportRequest(sender, traceId, spans, shift));
}

function exportRequest(sender: DemoProcess, traceId: string, spans: DemoSpan[], { baseMs, pidOffset }: Shift): unknown {
  const processes = [...new Set(spans.map((span) => span.process ?? sender))];
  return {
    resourceSpans: processes.map((process) => ({
      resource: {
        attributes: [
          text("service.name", process.service),
          text("process.pid", process.pid + pidOffset),
          text("host.name", process.host),
          text("telemetry.sdk.language", "python"),
          text("telemetry.sdk.name", "opentelemetry"),
        ],
      },
      scopeSpans: [
        {
          scope: { name: "spanwatch.demo" },
          spans: spans.filter((span) => (span.process ?? sender) === process).map((span) => spanJson(traceId, baseMs, span)),
        },
      ],
    })),
  };
}

function spanJson(traceId: string, baseMs: number, span: DemoSpan): unknown {
  const unixNano = (ms: number) => String(BigInt(Math.round(baseMs + ms)) * 1_000_000n);
  return {
    traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? "",
    flags: span.remoteParent ? 0x300 : 0x100,
    name: span.name,
    kind: span.kind ?? 1,
    startTimeUnixNano: unixNano(span.startMs),
    endTimeUnixNano: span.endMs === undefined ? "0" : unixNano(span.endMs),
    attributes: Object.entries(span.attributes ?? {}).map(([key, value]) => text(key, value)),
  };
}

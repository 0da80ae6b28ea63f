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
  /** How many attributes the SDK says it dropped. */
  droppedAttributes?: number;
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
  /** Its `service.instance.id`: forked children of some SDKs keep their parent's. */
  instanceId?: string;
  /** It says neither pid nor instance id of itself. */
  isNameless?: boolean;
}

/** A host that is not this one, so that nobody looks for the made-up pids here. */
const HOST = "worker-host.demo";
/** A process of a demo service, on that host. */
export const mainOf = (service: string, pid: number): DemoProcess => ({ service, pid, host: HOST });

/** A counter of an SDK about itself, since its start. */
export interface DemoMetric {
  name: string;
  value: number;
  attributes?: Record<string, string>;
}

/** One request of a process, or what else it does on the wire; spans stand for a request that brings them. */
export type DemoRequest =
  | DemoSpan[]
  | { metrics: DemoMetric[] }
  /** So many processes configure Logfire side by side, each on a connection of its own. */
  | { handshakes: number }
  /** A body in whose middle another request begins: two processes wrote into one socket. */
  | { interleaved: true }
  /** A body that no OTLP reader can read. */
  | { unreadable: true }
  | { pauseMs: number };

/** As lib/demo/sender.mjs takes it. */
export type DemoStep =
  | { path: string; body: string; headers: Record<string, string>; isRefused: boolean }
  | { handshakes: number }
  | { pauseMs: number };

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
function exportBody(sender: DemoProcess, traceId: string, spans: DemoSpan[], shift: Shift): string {
  return JSON.stringify(exportRequest(sender, traceId, spans, shift));
}

/** What is put on the wire for `request`. */
export function stepOf(sender: DemoProcess, traceId: string, request: DemoRequest, shift: Shift): DemoStep {
  const json = { "content-type": "application/json" };
  if (Array.isArray(request))
    return { path: "/v1/traces", body: exportBody(sender, traceId, request, shift), headers: json, isRefused: false };
  if ("metrics" in request) {
    return { path: "/v1/metrics", body: JSON.stringify(metricsRequest(sender, request.metrics, shift)), headers: json, isRefused: false };
  }
  if ("unreadable" in request) {
    return {
      path: "/v1/traces",
      body: "\x0a\xff\xff",
      headers: { "content-type": "application/x-protobuf", "content-encoding": "identity" },
      isRefused: true,
    };
  }
  if ("interleaved" in request) {
    const headers = { "content-type": "application/x-protobuf", "content-encoding": "gzip" };
    return { path: "/v1/traces", body: INTERLEAVED, headers, isRefused: true };
  }
  return request;
}

/** What it looks like when the head of one request lands in the body of another (wire.md T06). */
const INTERLEAVED = "\x1f\x8bPOST /v1/traces HTTP/1.1\r\nContent-Type: application/x-protobuf\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b";

const metricsRequest = (sender: DemoProcess, metrics: DemoMetric[], { baseMs, pidOffset }: Shift): unknown => ({
  resourceMetrics: [
    {
      resource: { attributes: resourceOf(sender, pidOffset) },
      scopeMetrics: [
        {
          metrics: metrics.map(({ name, value, attributes = {} }) => ({
            name,
            sum: {
              aggregationTemporality: 2,
              isMonotonic: true,
              dataPoints: [
                {
                  timeUnixNano: String(BigInt(Math.round(baseMs)) * 1_000_000n),
                  asInt: String(value),
                  attributes: Object.entries(attributes).map(([key, said]) => text(key, said)),
                },
              ],
            },
          })),
        },
      ],
    },
  ],
});

const resourceOf = ({ service, pid, host, instanceId, isNameless }: DemoProcess, pidOffset: number): unknown[] => [
  text("service.name", service),
  ...(instanceId === undefined ? [] : [text("service.instance.id", instanceId)]),
  ...(isNameless ? [] : [text("process.pid", pid + pidOffset)]),
  text("host.name", host),
  text("telemetry.sdk.language", "python"),
  text("telemetry.sdk.name", "opentelemetry"),
];

function exportRequest(sender: DemoProcess, traceId: string, spans: DemoSpan[], { baseMs, pidOffset }: Shift): unknown {
  const processes = [...new Set(spans.map((span) => span.process ?? sender))];
  return {
    resourceSpans: processes.map((process) => ({
      resource: {
        attributes: resourceOf(process, pidOffset),
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
    ...(span.droppedAttributes === undefined ? {} : { droppedAttributesCount: span.droppedAttributes }),
  };
}

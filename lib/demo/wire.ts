import { randomBytes } from "node:crypto";
import { Agent as HttpAgent, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";

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
  attributes?: Record<string, string | number>;
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

/** One exporter's keep-alive connection. */
export interface Exporter {
  /** Sends spans of one trace in one request, with times that count from `baseMs` (Unix ms). @throws Error on any answer but 200. */
  send(traceId: string, baseMs: number, spans: DemoSpan[]): Promise<void>;
  /** Closes the connection, as the kernel does when a process dies. */
  close(): void;
}

interface ExporterOptions {
  endpoint: string;
  token: string | undefined;
  process: DemoProcess;
  /** Added to every pid. */
  pidOffset: number;
}

/** Opens a connection of its own for `process` to the OTLP/HTTP endpoint. */
export function openExporter({ endpoint, token, process, pidOffset }: ExporterOptions): Exporter {
  const url = new URL("/v1/traces", endpoint);
  const secure = url.protocol === "https:";
  const agent = secure ? new HttpsAgent({ keepAlive: true, maxSockets: 1 }) : new HttpAgent({ keepAlive: true, maxSockets: 1 });
  const send = (body: string) =>
    new Promise<void>((resolve, reject) => {
      const request = (secure ? requestHttps : requestHttp)(
        url,
        {
          method: "POST",
          agent,
          timeout: 15_000,
          headers: {
            "content-type": "application/json",
            "content-length": Buffer.byteLength(body),
            "user-agent": process.userAgent ?? "spanwatch-demo",
            ...(token ? { authorization: `Bearer ${token}` } : {}),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            if (response.statusCode === 200) resolve();
            else reject(new Error(`${url} answered ${response.statusCode}: ${Buffer.concat(chunks).toString("utf8", 0, 300)}`));
          });
          response.on("error", reject);
        },
      );
      request.on("timeout", () => request.destroy(new Error(`${url} did not answer within 15 s`)));
      request.on("error", reject);
      request.end(body);
    });
  return {
    send: (traceId, baseMs, spans) => send(JSON.stringify(exportRequest(process, pidOffset, traceId, baseMs, spans))),
    close: () => agent.destroy(),
  };
}

const text = (key: string, value: string | number) =>
  typeof value === "number" ? { key, value: { intValue: String(value) } } : { key, value: { stringValue: value } };

function exportRequest(sender: DemoProcess, pidOffset: number, traceId: string, baseMs: number, spans: DemoSpan[]): unknown {
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

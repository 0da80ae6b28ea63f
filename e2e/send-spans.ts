import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";

/** A span as a spec draws it. Times are ms after the trace's start. */
export interface DrawnSpan {
  name: string;
  spanId?: string;
  parentSpanId?: string | null;
  startMs: number;
  /** Null: it is said to have begun (end = 0), and never to have ended. */
  endMs: number | null;
  /** By default one of the trace's own, so that no spec's programs are known from another's. */
  service?: string;
  isError?: boolean;
  attributes?: Record<string, string>;
}

export const newTraceId = () => randomBytes(16).toString("hex");
export const newSpanId = () => randomBytes(8).toString("hex");
/** Ids that tell their number, for specs that look for certain rows. */
export const spanIdOf = (number: number) => (number + 1).toString(16).padStart(16, "0");

const serviceOf = (traceId: string) => `shop-${traceId.slice(0, 6)}`;

const SPANS_PER_REQUEST = 5_000;

/** Sends spans as an exporter would: OTLP/HTTP JSON, a few thousand a request. @throws Error when one is not taken. */
export async function sendSpans(http: string, traceId: string, spans: readonly DrawnSpan[], startMs = Date.now() - 60_000): Promise<void> {
  for (let at = 0; at < spans.length; at += SPANS_PER_REQUEST) {
    const part = spans.slice(at, at + SPANS_PER_REQUEST);
    const services = groupByService(part, serviceOf(traceId));
    await post(`${http}/v1/traces`, {
      resourceSpans: [...services].map(([service, ofService]) => ({
        resource: { attributes: [attribute("service.name", service), attribute("service.instance.id", `${service}-1`)] },
        scopeSpans: [{ scope: { name: "e2e" }, spans: ofService.map((span) => otlpSpan(traceId, span, startMs)) }],
      })),
    });
  }
}

/** Sends log records of a span. */
export async function sendLogs(
  http: string,
  traceId: string,
  spanId: string,
  messages: readonly string[],
  service = "shop",
): Promise<void> {
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  await post(`${http}/v1/logs`, {
    resourceLogs: [
      {
        resource: { attributes: [attribute("service.name", service), attribute("service.instance.id", `${service}-1`)] },
        scopeLogs: [
          {
            scope: { name: "e2e" },
            logRecords: messages.map((message, at) => ({
              traceId,
              spanId,
              timeUnixNano: String(nowNs + BigInt(at)),
              severityNumber: 9,
              severityText: "INFO",
              body: { stringValue: message },
            })),
          },
        ],
      },
    ],
  });
}

function groupByService(spans: readonly DrawnSpan[], usual: string): Map<string, DrawnSpan[]> {
  const byService = new Map<string, DrawnSpan[]>();
  for (const span of spans) {
    const service = span.service ?? usual;
    const known = byService.get(service);
    if (known) known.push(span);
    else byService.set(service, [span]);
  }
  return byService;
}

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
const nano = (ms: number) => String(BigInt(Math.round(ms * 1_000)) * 1_000n);

const otlpSpan = (traceId: string, span: DrawnSpan, startMs: number) => ({
  traceId,
  spanId: span.spanId ?? newSpanId(),
  parentSpanId: span.parentSpanId ?? "",
  name: span.name,
  kind: 1,
  startTimeUnixNano: nano(startMs + span.startMs),
  endTimeUnixNano: span.endMs === null ? "0" : nano(startMs + span.endMs),
  attributes: Object.entries(span.attributes ?? {}).map(([key, value]) => attribute(key, value)),
  status: span.isError ? { code: 2, message: "boom" } : {},
});

/** On a connection of its own that we close afterwards, as a program does that ends: what it left open is then lost, not still running. */
async function post(url: string, body: unknown): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sending = request(url, { method: "POST", agent, headers: { "content-type": "application/json" } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sending.on("error", reject).end(JSON.stringify(body));
  });
  agent.destroy();
  if (status !== 200 || /"rejected\w+":"?[1-9]/.test(text)) throw new Error(`POST ${url}: ${status} ${text.slice(0, 300)}`);
}

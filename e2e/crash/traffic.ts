import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** What becomes of the work of a sender. */
export const FATES = ["healthy", "killed", "lost parent", "two roots", "one id twice", "late parent", "circle"] as const;
type Fate = (typeof FATES)[number];

interface SpanBody {
  spanId: string;
  parentSpanId?: string;
  name: string;
  /** Null: started, not ended. */
  endsAfterMs: number | null;
}

/** An SDK that tells of starts (pending spans), and one that tells of ends only. */
const LOGFIRE = { "user-agent": "logfire/4.41.0" };
const OTEL = { "user-agent": "OTel-OTLP-Exporter-Python/1.44.0" };

/**
 * One program's telemetry, over one connection to each of `ports`, so that all of them get the same: a few requests with pauses, and then
 * the connection ends.
 *
 * @returns the trace's id.
 */
export async function sendProgram(fate: Fate, number: number, ports: readonly number[], random: () => number): Promise<string> {
  const traceId = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
  const id = () => Array.from({ length: 16 }, () => (1 + Math.floor(random() * 15)).toString(16)).join("");
  const lines = ports.map((port) => ({ port, agent: new Agent({ keepAlive: true, maxSockets: 1 }) }));
  const send = async (spans: readonly SpanBody[]) => {
    const body = bodyOf(`program-${number}`, traceId, spans, Date.now());
    const headers = fate === "lost parent" || fate === "late parent" ? OTEL : LOGFIRE;
    await Promise.all(lines.map(({ port, agent }) => post(port, agent, headers, body)));
    await sleep(50 + random() * 400);
  };
  const [root, child, other] = [id(), id(), id()];
  const ended = (spanId: string, name: string, parentSpanId?: string): SpanBody => ({
    spanId,
    name,
    endsAfterMs: 40,
    ...(parentSpanId ? { parentSpanId } : {}),
  });
  const begun = (spanId: string, name: string, parentSpanId?: string): SpanBody => ({
    ...ended(spanId, name, parentSpanId),
    endsAfterMs: null,
  });

  const stories: Record<Fate, readonly SpanBody[][]> = {
    healthy: [[begun(root, "job")], [ended(child, "step", root)], [ended(root, "job")]],
    killed: [[begun(root, "job")], [ended(other, "step", root), begun(child, "step", root)]],
    "lost parent": [[ended(child, "step", root)], [ended(other, "step", root)]],
    "late parent": [[ended(child, "step", root)], [ended(other, "step", root)], [ended(root, "job")]],
    "two roots": [[ended(root, "job")], [ended(other, "another job")]],
    "one id twice": [[ended(root, "job"), ended(child, "step", root)], [{ ...ended(child, "quite another step", root), endsAfterMs: 900 }]],
    circle: [[ended(root, "job", child)], [ended(child, "step", root)]],
  };
  for (const spans of stories[fate]) await send(spans);
  for (const { agent } of lines) agent.destroy();
  return traceId;
}

function bodyOf(service: string, traceId: string, spans: readonly SpanBody[], nowMs: number): string {
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
  return JSON.stringify({
    resourceSpans: [
      {
        resource: {
          attributes: [
            attribute("service.name", service),
            attribute("service.instance.id", `${service}-instance`),
            attribute("telemetry.sdk.language", "python"),
          ],
        },
        scopeSpans: [
          {
            scope: { name: "crash" },
            spans: spans.map(({ endsAfterMs, ...span }) => ({
              ...span,
              traceId,
              kind: 1,
              flags: 0x100,
              startTimeUnixNano: `${nowMs}000000`,
              endTimeUnixNano: endsAfterMs === null ? "0" : `${nowMs + endsAfterMs}000000`,
            })),
          },
        ],
      },
    ],
  });
}

function post(port: number, agent: Agent, headers: Record<string, string>, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, path: "/v1/traces", method: "POST", agent, headers: { ...headers, "content-type": "application/json" } },
      (answer) => {
        answer.resume();
        answer.on("end", () => (answer.statusCode === 200 ? resolve() : reject(new Error(`answered ${answer.statusCode}`))));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

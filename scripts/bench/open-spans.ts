import { Agent, request } from "node:http";

const SPANS_PER_TRACE = 10;
const TRACES_PER_REQUEST = 50;
const PROCESSES = 20;

/** Sends `count` spans that have begun and not ended, ten to a trace, from a score of processes, and closes no connection until all are sent. */
export async function sendOpenSpans(port: number, count: number): Promise<void> {
  const requests = Math.ceil(count / (SPANS_PER_TRACE * TRACES_PER_REQUEST));
  let next = 0;
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      while (next < requests) await post(port, agent, bodyOf(next++));
    }),
  );
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

function bodyOf(number: number): string {
  const startTimeUnixNano = `${Date.now()}000000`;
  const spans = Array.from({ length: SPANS_PER_TRACE * TRACES_PER_REQUEST }, (_, i) => {
    const trace = number * TRACES_PER_REQUEST + Math.floor(i / SPANS_PER_TRACE) + 1;
    const inTrace = i % SPANS_PER_TRACE;
    return {
      traceId: `0b0e${hex(trace, 28)}`,
      spanId: hex(trace * SPANS_PER_TRACE + inTrace, 16),
      ...(inTrace > 0 ? { parentSpanId: hex(trace * SPANS_PER_TRACE + inTrace - 1, 16) } : {}),
      name: inTrace === 0 ? "serve" : "wait for queue",
      kind: 1,
      startTimeUnixNano,
      endTimeUnixNano: "0",
    };
  });
  const attributes = [
    { key: "service.name", value: { stringValue: "waiting" } },
    { key: "service.instance.id", value: { stringValue: `waiting-${number % PROCESSES}` } },
  ];
  return JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: { name: "bench" }, spans }] }] });
}

function post(port: number, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const sent = request({ host: "127.0.0.1", port, path: "/v1/traces", method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.on("end", () => (answer.statusCode === 200 ? resolve() : reject(new Error(`answered ${answer.statusCode}`))));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

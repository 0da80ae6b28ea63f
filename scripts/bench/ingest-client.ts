import http2 from "node:http2";
import { connect } from "node:net";
import { frame } from "@/lib/ingest/grpc-frame";
import { decodeTraces } from "@/lib/otlp/protobuf";
import { makeTracesRequest } from "./payload";

/**
 * The sender of the ingest benchmark, a process of its own: bodies are made beforehand, only the trace ids in them are new with each
 * request. Told `{ protocol, port, connections, ms }` over IPC, it sends as fast as it is answered and says how many spans were.
 */
const SPANS = 500;
const TRACES = 12;
const BODIES = 16;

const bodies = Array.from({ length: BODIES }, (_, i) => {
  const bytes = makeTracesRequest({ spans: SPANS, traces: TRACES, seed: i + 1, now: Date.now() });
  return { bytes, traceIdAt: decodeTraces(bytes).spans.traceIdAt.slice(0, SPANS) };
});
let sent = process.pid * 1_000_000;

/** A body whose traces nobody has seen yet. */
function nextBody(): Buffer {
  const { bytes, traceIdAt } = bodies[sent++ % BODIES] as (typeof bodies)[number];
  const copy = Buffer.from(bytes);
  for (const at of traceIdAt) copy.writeUInt32BE(sent >>> 0, at + 4);
  return copy;
}

async function overHttp(port: number, untilMs: number, answered: (ms: number) => void): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  let wake: (text: string) => void = () => {};
  socket.on("data", (chunk) => wake(chunk.toString("latin1")));
  while (Date.now() < untilMs) {
    const body = nextBody();
    const beganMs = performance.now();
    const answer = new Promise<string>((resolve) => {
      wake = resolve;
    });
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: bench\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
    const head = await answer;
    if (!head.startsWith("HTTP/1.1 200")) throw new Error(head.slice(0, 300));
    answered(performance.now() - beganMs);
  }
  socket.end();
}

async function overGrpc(port: number, untilMs: number, answered: (ms: number) => void): Promise<void> {
  const session = http2.connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 1024 * 1024 } });
  while (Date.now() < untilMs) {
    const beganMs = performance.now();
    const stream = session.request({
      ":method": "POST",
      ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
      "content-type": "application/grpc",
      te: "trailers",
      "user-agent": "bench",
    });
    const status = new Promise<string>((resolve, reject) => {
      stream.on("trailers", (trailers) => resolve(String(trailers["grpc-status"])));
      stream.on("response", (headers) => headers["grpc-status"] && reject(new Error(String(headers["grpc-message"]))));
      stream.on("error", reject);
    });
    stream.resume();
    stream.end(frame(nextBody()));
    if ((await status) !== "0") throw new Error(`gRPC status ${await status}`);
    answered(performance.now() - beganMs);
  }
  session.close();
}

process.on("message", async (order: { protocol: "http" | "grpc"; port: number; connections: number; ms: number }) => {
  const untilMs = Date.now() + order.ms;
  const beganMs = performance.now();
  const latencies: number[] = [];
  const run = order.protocol === "http" ? overHttp : overGrpc;
  await Promise.all(Array.from({ length: order.connections }, () => run(order.port, untilMs, (ms) => latencies.push(ms))));
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
  const seconds = (performance.now() - beganMs) / 1000;
  process.send?.({ spans: latencies.length * SPANS, seconds, p50Ms: at(0.5), p99Ms: at(0.99) });
});
process.send?.({ ready: true });

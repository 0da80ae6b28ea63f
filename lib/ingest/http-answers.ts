import type { IncomingMessage, ServerResponse } from "node:http";
import { type Encoding, encodeExportAnswer, encodeStatus, type Signal } from "@/lib/otlp/answer";
import type { Format } from "./decode";
import { LIMITS } from "./limits";
import { messageOf, type Receipt } from "./receive";
import type { Refusal } from "./refusal";

const CONTENT_TYPE: Record<Encoding, string> = { protobuf: "application/x-protobuf", json: "application/json" };

/** The encoding of an answer is that of its request; who says nothing that we know reads JSON. */
export const encodingOf = (contentType: string | undefined): Encoding =>
  /^application\/(x-)?protobuf\b/i.test(contentType ?? "") ? "protobuf" : "json";

export function answerReceipt(response: ServerResponse, format: Format, signal: Signal, receipt: Receipt): void {
  if (format === "zipkin") {
    // Zipkin servers say 202, every reporter takes any 2xx; 200 says what is true here: it is stored. There is no place for what was refused.
    response.writeHead(200, { "content-length": 0, ...warningOf(receipt) });
    response.end();
    return;
  }
  const body = encodeExportAnswer(format, signal, receipt.rejected, messageOf(receipt));
  response.writeHead(200, { "content-type": CONTENT_TYPE[format], "content-length": body.length, ...warningOf(receipt) });
  response.end(body);
}

/** Logfire's Python SDK prints this header in its user's terminal (wire.md §2.7). */
const warningOf = ({ nudge }: Receipt): { "x-logfire-warning"?: string } => (nudge === null ? {} : { "x-logfire-warning": nudge });

export function answerRefusal(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  if (response.headersSent || response.destroyed) return;
  const encoding = encodingOf(request.headers["content-type"]);
  const body = encodeStatus(encoding, refusal.toStatus());
  response.writeHead(refusal.httpStatus, {
    "content-type": CONTENT_TYPE[encoding],
    "content-length": body.length,
    ...(refusal.retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(refusal.retryAfterMs / 1000)) }),
    ...(refusal.closes ? { connection: "close" } : {}),
    ...refusal.headers,
  });
  response.end(body);
  if (!request.complete) linger(request);
}

export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}

/**
 * Reads on, for a while and throwing away, after an answer that came before the end of the body: a socket closed over unread bytes is
 * reset, and the sender would see that instead of the answer. A sender that ends its body may go on using the connection.
 */
function linger(request: IncomingMessage): void {
  let bytes = 0;
  const timer = setTimeout(() => request.socket.destroy(), LIMITS.lingerMs);
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LIMITS.lingerBytes) request.socket.destroy();
  });
  request.once("close", () => clearTimeout(timer));
  request.resume();
}

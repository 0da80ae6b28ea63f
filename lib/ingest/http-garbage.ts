import type { Socket } from "node:net";
import { GRPC_CODE } from "@/lib/otlp/answer";
import type { IngestParts } from "./ingest-parts";

/** What Node's HTTP parser says of a socket, and the bytes it stumbled over. */
export interface ClientError extends NodeJS.ErrnoException {
  rawPacket?: Buffer;
}

const PARSER_ANSWERS: Record<string, [status: string, reason: string, detail: string]> = {
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "headers-too-large", "The request's head is longer than 16 KiB."],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "slow", "The request did not come in time."],
  HPE_INVALID_EOF_STATE: ["400 Bad Request", "incomplete", "The sender hung up in the middle of a request."],
};

/**
 * Bytes that are no HTTP request: often what another process wrote into the same socket (wire.md W8). They are answered after the requests
 * before them, whose senders would take this answer for theirs.
 */
export async function refuseGarbage(parts: IngestParts, error: ClientError, socket: Socket): Promise<void> {
  const connection = parts.connections.of(socket);
  const [status, reason, detail] = PARSER_ANSWERS[error.code ?? ""] ?? ["400 Bad Request", "garbage", whatIsWrong(error)];
  // A request that was cut off in its body says so itself, and waits for the socket to be closed.
  const isCutOff = connection.reading !== null && !connection.reading.complete;
  // A connection that was reset brought nothing.
  const isNews = error.code?.startsWith("HPE_") || error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  if (isNews && !isCutOff) {
    parts.noteReject(connection, {
      projectId: null,
      path: "",
      userAgent: connection.userAgent,
      status: Number(status.slice(0, 3)),
      reason,
      detail,
      head: error.rawPacket ?? null,
    });
  }
  if (!isCutOff) await connection.idle();
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify({ code: GRPC_CODE.invalidArgument, message: detail });
  const head = ["Connection: close", "Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`];
  socket.end(`HTTP/1.1 ${status}\r\n${head.join("\r\n")}\r\n\r\n${body}`);
}

const HTTP2_PREFACE = "PRI * HTTP/2.0";

const whatIsWrong = ({ message, rawPacket }: ClientError): string =>
  rawPacket?.toString("latin1", 0, HTTP2_PREFACE.length) === HTTP2_PREFACE
    ? "This port speaks HTTP/1.1, and these bytes look like gRPC: OTLP over gRPC has a port of its own (4317 unless set otherwise)."
    : `These bytes are no HTTP request: ${message}.`;

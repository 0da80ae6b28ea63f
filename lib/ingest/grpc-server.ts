import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { logger } from "@/lib/logger";
import { encodeExportAnswer, encodeStatus, type Signal } from "@/lib/otlp/answer";
import { checkHost, projectOf } from "./access";
import type { Hold } from "./admission";
import { CutOff, inflateBody, overloaded } from "./body";
import type { Connection } from "./connections";
import { FRAME_HEAD_BYTES, frame, percentEncode, unframe } from "./grpc-frame";
import type { IngestParts } from "./ingest-parts";
import { LIMITS } from "./limits";
import { noteRefusal } from "./note-refusal";
import { messageOf, receive, refuseUnreadable } from "./receive";
import { malformed, Refusal, tooLarge, unavailable } from "./refusal";
import type { Header } from "./sender";

const METHODS: Record<string, Signal> = {
  "/opentelemetry.proto.collector.trace.v1.TraceService/Export": "traces",
  "/opentelemetry.proto.collector.logs.v1.LogsService/Export": "logs",
  "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": "metrics",
};
const ACCEPTED = "identity,deflate,gzip";
/** With the 64 KiB that HTTP/2 begins with, a body of some hundred KiB would wait for us several times. */
const STREAM_WINDOW = 1024 * 1024;
const SESSION_WINDOW = 16 * 1024 * 1024;

export interface GrpcServer {
  /** Not listening yet. */
  server: Http2Server;
  /** Takes no more calls; those that are in flight may finish. */
  close(): void;
  closeAllConnections(): void;
}

/**
 * The server on 4317: the three unary calls of OTLP/gRPC on Node's own HTTP/2. A gRPC library would hide the TCP connection, whose end is
 * evidence, and costs three times as much for the same bodies (performance.md §2.4).
 */
export function makeGrpcServer(parts: IngestParts): GrpcServer {
  const sessions = new Map<ServerHttp2Session, Connection>();
  const server = createServer({
    settings: { initialWindowSize: STREAM_WINDOW, maxConcurrentStreams: 1_000, enablePush: false },
    // Counts what a session holds unread, in MB; admission is ours.
    maxSessionMemory: 1_024,
  });
  server.on("session", (session) => {
    const connection = parts.connections.watch(session.socket, "grpc");
    sessions.set(session, connection);
    session.setLocalWindowSize(SESSION_WINDOW);
    session.on("error", (error) => noteSessionError(parts, connection, error));
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    const connection = stream.session && sessions.get(stream.session as ServerHttp2Session);
    if (connection) void serve(parts, connection, stream, headers);
    else stream.close(constants.NGHTTP2_REFUSED_STREAM);
  });
  return {
    server,
    close() {
      server.close();
      for (const session of sessions.keys()) session.close();
    },
    closeAllConnections() {
      for (const session of sessions.keys()) session.destroy();
    },
  };
}

async function serve(parts: IngestParts, connection: Connection, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
  // A call that its client gave up; what came of it is told elsewhere.
  stream.on("error", (error) => logger.debug({ err: error }, "a gRPC stream failed"));
  const header: Header = (name) => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const path = header(":path") ?? "";
  const userAgent = header("user-agent") ?? "";
  let projectId: number | null = null;
  parts.connections.begin(connection);
  try {
    if (refusedAsHttp(stream, headers)) return;
    connection.noteRequest(Date.now(), userAgent, header);
    checkHost(parts, header(":authority") ?? header("host"));
    const signal = METHODS[path];
    if (!signal)
      throw new Refusal(
        404,
        "unimplemented",
        "wrong-path",
        `There is no method ${path.slice(0, 200)} here: expected ${Object.keys(METHODS).join(", ")}.`,
      );
    if (parts.isStopping) throw unavailable("stopping", "Spanwatch is stopping: send it again.");
    projectId = await projectOf(parts, header);
    await takeExport(parts, { connection, stream, header, path, userAgent, projectId, signal });
  } catch (error) {
    answerRefusal(stream, noteRefusal(parts, { connection, path, userAgent, projectId }, error, true));
  } finally {
    parts.connections.finish(connection);
  }
}

/** What is no gRPC call at all is answered in HTTP's own terms. */
function refusedAsHttp(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
  const isGrpc = /^application\/grpc(\+proto)?(;|$)/.test(String(headers["content-type"] ?? ""));
  if (isGrpc && headers[":method"] === "POST") return false;
  stream.respond({ ":status": isGrpc ? 405 : 415, ...(isGrpc ? { allow: "POST" } : {}), "content-type": "text/plain" });
  stream.end("This port speaks OTLP over gRPC; OTLP over HTTP has a port of its own (4318 unless set otherwise).\n");
  return true;
}

interface Call {
  connection: Connection;
  stream: ServerHttp2Stream;
  header: Header;
  path: string;
  userAgent: string;
  projectId: number;
  signal: Signal;
}

async function takeExport(parts: IngestParts, call: Call): Promise<void> {
  const { connection, stream, header, path, userAgent, projectId, signal } = call;
  const beganMs = performance.now();
  const { maxBodyBytes } = parts.config;
  if (!parts.admission.hasRoomFor(Number(header("content-length") ?? 0))) throw overloaded();
  const hold = parts.admission.open();
  try {
    const framed = unframe(await readStream(stream, maxBodyBytes + FRAME_HEAD_BYTES, hold));
    if (!framed) throw malformed("malformed", "The call does not hold exactly one gRPC message.");
    const encoding = framed.isCompressed ? (header("grpc-encoding") ?? "") : "identity";
    const body = await inflate(framed.message, encoding, maxBodyBytes, hold);
    const receivedMs = Date.now();
    const incoming = {
      connection,
      projectId,
      path,
      userAgent,
      signal,
      format: "protobuf",
      encoding,
      receivedMs,
      wire: framed.message,
      body,
    } as const;
    const receipt = await receive(parts, incoming);
    answer(stream, frame(encodeExportAnswer("protobuf", signal, receipt.rejected, messageOf(receipt))));
    parts.metrics.requests.inc({ signal, outcome: "taken" });
    parts.metrics.ackSeconds.observe((performance.now() - beganMs) / 1000);
  } finally {
    hold.release();
  }
}

function readStream(stream: ServerHttp2Stream, maxBytes: number, hold: Hold): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isDone = false;
    const stop = (refusal: Refusal) => {
      isDone = true;
      clearTimeout(timer);
      reject(refusal);
    };
    const timer = setTimeout(() => stop(new Refusal(408, "unavailable", "slow", "The call did not come in time.")), LIMITS.requestMs);
    stream.on("data", (chunk: Buffer) => {
      if (isDone) return;
      bytes += chunk.length;
      if (bytes > maxBytes) stop(tooLarge("The message is too long", maxBytes - FRAME_HEAD_BYTES));
      else if (hold.resize(bytes)) chunks.push(chunk);
      else stop(overloaded());
    });
    stream.once("end", () => {
      // A stream that was reset ends too; its `close` follows.
      if (stream.aborted || stream.rstCode !== constants.NGHTTP2_NO_ERROR) return;
      clearTimeout(timer);
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes));
    });
    stream.once("close", () => stop(new CutOff(Buffer.concat(chunks))));
  });
}

async function inflate(message: Buffer, encoding: string, maxBytes: number, hold: Hold): Promise<Buffer> {
  try {
    return await inflateBody(message, encoding, maxBytes, hold);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refuseUnreadable(message, `The message is not what grpc-encoding "${encoding}" says: ${(error as Error).message}`, error);
  }
}

function answer(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-accept-encoding": ACCEPTED }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(message);
}

/** "Trailers-Only": everything in the one block of headers. */
function answerRefusal(stream: ServerHttp2Stream, refusal: Refusal): void {
  if (refusal instanceof CutOff || stream.destroyed || stream.closed) return;
  const status = refusal.toStatus();
  stream.respond(
    {
      ":status": 200,
      "content-type": "application/grpc",
      "grpc-status": String(status.code),
      "grpc-message": percentEncode(status.message),
      "grpc-status-details-bin": Buffer.from(encodeStatus("protobuf", status)).toString("base64").replace(/=+$/, ""),
      ...(refusal.reason === "content-encoding" ? { "grpc-accept-encoding": ACCEPTED } : {}),
    },
    { endStream: true },
  );
  // Says that we need no more of a body that we refused (RFC 9113 §8.1).
  if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
}

function noteSessionError(parts: IngestParts, connection: Connection, error: NodeJS.ErrnoException): void {
  // One that has spoken HTTP/2 before is a client that goes away in its own fashion (lib/ingest/connections.ts).
  if (error.code !== "ERR_HTTP2_ERROR" || connection.requests > 0) return;
  parts.noteReject(connection, {
    projectId: null,
    path: "",
    userAgent: connection.userAgent,
    status: 400,
    reason: "garbage",
    detail: `These bytes are no HTTP/2 (${error.message}): OTLP over HTTP has a port of its own.`,
    head: null,
  });
}

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { findProjectName } from "@/db/queries/ingest/projects";
import { logger } from "@/lib/logger";
import type { Signal } from "@/lib/otlp/answer";
import { checkHost, type Header, projectOf, tokenOf } from "./access";
import { CutOff, inflateBody, overloaded, readBody } from "./body";
import { giveBodyMemory, takeBodyMemory } from "./body-memory";
import type { Connection } from "./connections";
import type { Format } from "./decode";
import { answerJson, answerReceipt, answerRefusal, encodingOf } from "./http-answers";
import { newId } from "./ids";
import type { IngestParts } from "./ingest-parts";
import { LIMITS } from "./limits";
import { receive, refuseUnreadable } from "./receive";
import { Refusal, tooLarge, unavailable } from "./refusal";
import { isOnThisMachine } from "./sender";

const EXPORTS: Record<string, { signal: Signal; isZipkin: boolean }> = {
  "/v1/traces": { signal: "traces", isZipkin: false },
  "/v1/logs": { signal: "logs", isZipkin: false },
  "/v1/metrics": { signal: "metrics", isZipkin: false },
  "/otlp/v1/traces": { signal: "traces", isZipkin: false },
  "/otlp/v1/logs": { signal: "logs", isZipkin: false },
  "/otlp/v1/metrics": { signal: "metrics", isZipkin: false },
  "/api/v2/spans": { signal: "traces", isZipkin: true },
};
const QUERIES: Record<string, (parts: IngestParts, exchange: Exchange) => Promise<void> | void> = {
  "/v1/info": answerInfo,
  "/healthz": (_, { response }) => answerJson(response, 200, { status: "ok" }),
  "/readyz": answerReadiness,
  "/metrics": answerMetrics,
};

/** One request, as it is being answered. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  connection: Connection;
  path: string;
  header: Header;
  userAgent: string;
  projectId: number | null;
}

/** The server on 4318: OTLP/HTTP, Zipkin v2, and what the Logfire SDK asks for. Not listening yet. */
export function makeHttpServer(parts: IngestParts): Server {
  const server = createServer(
    {
      // An exporter's connection tells of its process as long as it is open: we are not the ones who close it.
      keepAliveTimeout: LIMITS.keepAliveMs,
      headersTimeout: LIMITS.headersMs,
      requestTimeout: LIMITS.requestMs,
      connectionsCheckingInterval: 5_000,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      maxHeaderSize: 16 * 1024,
    },
    (request, response) => void serve(parts, request, response, false),
  );
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => void serve(parts, request, response, true));
  server.on("connection", (socket) => parts.connections.watch(socket, "http"));
  server.on("clientError", (error: ClientError, socket: Socket) => refuseGarbage(parts, error, socket));
  return server;
}

async function serve(parts: IngestParts, request: IncomingMessage, response: ServerResponse, isAsked: boolean): Promise<void> {
  const connection = parts.connections.of(request.socket);
  const header: Header = (name) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const path = (request.url ?? "").split("?", 1)[0] as string;
  const exchange: Exchange = { request, response, connection, path, header, userAgent: header("user-agent") ?? "", projectId: null };
  parts.connections.begin(connection);
  try {
    await route(parts, exchange, isAsked);
  } catch (error) {
    refuse(parts, exchange, error);
  } finally {
    parts.connections.finish(connection);
  }
}

async function route(parts: IngestParts, exchange: Exchange, isAsked: boolean): Promise<void> {
  const { request, path } = exchange;
  checkHost(parts, request.headers.host);
  const wanted = EXPORTS[path];
  if (wanted) {
    if (request.method !== "POST") throw wrongMethod(path, "POST");
    return await takeExport(parts, exchange, wanted.signal, wanted.isZipkin, isAsked);
  }
  const query = QUERIES[path];
  if (!query) {
    const why = `Nothing is served at ${path.slice(0, 200)}: expected ${Object.keys(EXPORTS).join(", ")} or /v1/info.`;
    throw new Refusal(404, "notFound", "wrong-path", why);
  }
  if (request.method !== "GET" && request.method !== "HEAD") throw wrongMethod(path, "GET");
  return await query(parts, exchange);
}

const wrongMethod = (path: string, allow: string): Refusal =>
  new Refusal(405, "unimplemented", "wrong-method", `${path} takes ${allow} only.`, { headers: { allow } });

async function takeExport(parts: IngestParts, exchange: Exchange, signal: Signal, isZipkin: boolean, isAsked: boolean): Promise<void> {
  const { request, response, connection, header, userAgent, path } = exchange;
  const beganMs = performance.now();
  connection.noteRequest(Date.now(), userAgent, header);
  if (parts.isStopping) throw unavailable("stopping", "Spanwatch is stopping: send it again.", { closes: true });
  exchange.projectId = await projectOf(parts, header);
  const format = formatOf(header("content-type"), isZipkin);
  const { maxBodyBytes } = parts.config;
  const announced = Number(header("content-length") ?? 0);
  if (announced > maxBodyBytes) throw tooLarge(`The body is ${announced} bytes long`, maxBodyBytes);
  if (!parts.admission.hasRoomFor(announced)) throw overloaded();
  if (isAsked) response.writeContinue();

  const hold = parts.admission.open();
  const memory = takeBodyMemory(announced);
  try {
    const wire = await readBody(request, maxBodyBytes, hold, memory);
    const encoding = (header("content-encoding") ?? "identity").trim().toLowerCase() || "identity";
    const body = await inflate(wire, encoding, maxBodyBytes, hold);
    const receivedMs = Date.now();
    const { projectId } = exchange;
    const receipt = await receive(parts, { connection, projectId, path, userAgent, signal, format, encoding, receivedMs, wire, body });
    answerReceipt(response, format, signal, receipt);
    parts.metrics.requests.inc({ signal, outcome: "taken" });
    parts.metrics.ackSeconds.observe((performance.now() - beganMs) / 1000);
  } finally {
    hold.release();
    if (memory) giveBodyMemory(memory);
  }
}

function formatOf(contentType: string | undefined, isZipkin: boolean): Format {
  const isJson = /^application\/json\b/i.test(contentType ?? "");
  if (isZipkin && isJson) return "zipkin";
  if (!isZipkin && (isJson || encodingOf(contentType) === "protobuf")) return encodingOf(contentType);
  const expected = isZipkin ? "application/json" : "application/x-protobuf or application/json";
  throw new Refusal(415, "unimplemented", "content-type", `Content-Type "${(contentType ?? "").slice(0, 100)}" is not read here: expected ${expected}.`, {
    headers: { accept: isZipkin ? "application/json" : "application/x-protobuf, application/json" },
  });
}

async function inflate(wire: Buffer, encoding: string, maxBytes: number, hold: Parameters<typeof inflateBody>[3]): Promise<Buffer> {
  try {
    return await inflateBody(wire, encoding, maxBytes, hold);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refuseUnreadable(wire, `The body is not what Content-Encoding "${encoding}" says: ${(error as Error).message}`, error);
  }
}

/** Reasons that pass by: the sender keeps what it has and comes back, so nothing is lost that would need evidence. */
const PASSING = new Set(["overload", "stopping", "database-away"]);

function refuse(parts: IngestParts, exchange: Exchange, error: unknown): void {
  const { request, response, connection, path, userAgent, projectId } = exchange;
  const refusal = error instanceof Refusal ? error : unavailable("bug", "Spanwatch failed over this request: send it again.", { cause: error });
  if (refusal !== error) logger.error({ err: error, path }, "a request failed");
  if (!PASSING.has(refusal.reason) && request.method === "POST") {
    const { httpStatus: status, reason, message: detail, head } = refusal;
    parts.noteReject(connection, { projectId, path, userAgent, status, reason, detail, head });
  } else parts.metrics.rejected.inc({ reason: refusal.reason });
  if (!(error instanceof CutOff)) answerRefusal(request, response, refusal);
}

interface ClientError extends NodeJS.ErrnoException {
  rawPacket?: Buffer;
}

const PARSER_ANSWERS: Record<string, [status: string, reason: string, detail: string]> = {
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "headers-too-large", "The request's head is longer than 16 KiB."],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "slow", "The request did not come in time."],
  HPE_INVALID_EOF_STATE: ["400 Bad Request", "incomplete", "The sender hung up in the middle of a request."],
};

/** Bytes that are no HTTP request: often what another process wrote into the same socket (wire.md W8). */
function refuseGarbage(parts: IngestParts, error: ClientError, socket: Socket): void {
  const connection = parts.connections.of(socket);
  const [status, reason, detail] = PARSER_ANSWERS[error.code ?? ""] ?? ["400 Bad Request", "garbage", whatIsWrong(error)];
  // A connection that was reset brought nothing; a request that it cut off says so itself.
  const isNews = error.code?.startsWith("HPE_") || error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  if (isNews && connection.inFlight === 0) {
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
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify({ code: 3, message: detail });
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

const HTTP2_PREFACE = "PRI * HTTP/2.0";

const whatIsWrong = ({ message, rawPacket }: ClientError): string =>
  rawPacket?.toString("latin1", 0, HTTP2_PREFACE.length) === HTTP2_PREFACE
    ? "This port speaks HTTP/1.1, and these bytes look like gRPC: OTLP over gRPC has a port of its own (4317 unless set otherwise)."
    : `These bytes are no HTTP request: ${message}.`;

/** The Logfire SDK asks this when it is configured: a sign that a process has begun (wire.md §2.7). */
async function answerInfo(parts: IngestParts, { connection, response, header, userAgent }: Exchange): Promise<void> {
  const projectId = await projectOf(parts, header);
  const nowMs = Date.now();
  connection.noteRequest(nowMs, userAgent, header);
  const token = tokenOf(header);
  const tokenHash = token === null ? null : createHash("sha256").update(token).digest();
  const { peer } = connection;
  parts.evidence.noteHandshake(
    { id: newId(nowMs), atMs: nowMs, connectionId: connection.id, projectId, peer, userAgent: connection.userAgent, tokenHash },
    connection,
  );
  const { publicUrl, port } = parts.config;
  // The SDK waits for this and the name is only shown: rather another one than a late one.
  const name = parts.queue.isConnected ? await findProjectName(parts.db, projectId).catch(() => null) : null;
  answerJson(response, 200, { project_name: name ?? "default", project_url: publicUrl ?? `http://127.0.0.1:${port}` });
}

function answerReadiness({ queue, isStopping }: IngestParts, { response }: Exchange): void {
  if (isStopping) answerJson(response, 503, { status: "stopping", reason: "Spanwatch was told to stop." });
  else if (!queue.isConnected) answerJson(response, 503, { status: "degraded", reason: "The database cannot be reached." });
  else answerJson(response, 200, { status: "ok" });
}

/** For whoever runs on this machine: behind a proxy the address is the proxy's, so a proxy is refused. */
async function answerMetrics({ config, metrics }: IngestParts, { connection, request, response, header }: Exchange): Promise<void> {
  const isLocal = isOnThisMachine(connection.peer) && header("x-forwarded-for") === undefined && header("forwarded") === undefined;
  if (config.mode === "server" && !isLocal) throw new Refusal(404, "notFound", "wrong-path", "Nothing is served here.");
  const body = await metrics.registry.metrics();
  response.writeHead(200, { "content-type": metrics.registry.contentType });
  response.end(request.method === "HEAD" ? undefined : body);
}

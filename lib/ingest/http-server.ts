import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Signal } from "@/lib/otlp/answer";
import { checkHost, projectOf } from "./access";
import { CutOff, inflateBody, overloaded, readBody } from "./body";
import { giveBodyMemory, takeBodyMemory } from "./body-memory";
import type { Format } from "./decode";
import { answerReceipt, answerRefusal, encodingOf } from "./http-answers";
import { type ClientError, refuseGarbage } from "./http-garbage";
import { type Exchange, QUERIES } from "./http-queries";
import type { IngestParts } from "./ingest-parts";
import { LIMITS } from "./limits";
import { noteRefusal } from "./note-refusal";
import { receive, refuseUnreadable } from "./receive";
import { Refusal, tooLarge, unavailable } from "./refusal";
import type { Header } from "./sender";

const EXPORTS: Record<string, { signal: Signal; isZipkin: boolean }> = {
  "/v1/traces": { signal: "traces", isZipkin: false },
  "/v1/logs": { signal: "logs", isZipkin: false },
  "/v1/metrics": { signal: "metrics", isZipkin: false },
  "/otlp/v1/traces": { signal: "traces", isZipkin: false },
  "/otlp/v1/logs": { signal: "logs", isZipkin: false },
  "/otlp/v1/metrics": { signal: "metrics", isZipkin: false },
  "/api/v2/spans": { signal: "traces", isZipkin: true },
};

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
  server.on("clientError", (error: ClientError, socket: Socket) => void refuseGarbage(parts, error, socket));
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
    const refusal = noteRefusal(parts, exchange, error, request.method === "POST");
    if (!(refusal instanceof CutOff)) answerRefusal(request, response, refusal);
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
    connection.reading = request;
    const wire = await readBody(request, maxBodyBytes, hold, memory).finally(() => {
      connection.reading = null;
    });
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
  throw new Refusal(
    415,
    "unimplemented",
    "content-type",
    `Content-Type "${(contentType ?? "").slice(0, 100)}" is not read here: expected ${expected}.`,
    {
      headers: { accept: isZipkin ? "application/json" : "application/x-protobuf, application/json" },
    },
  );
}

async function inflate(wire: Buffer, encoding: string, maxBytes: number, hold: Parameters<typeof inflateBody>[3]): Promise<Buffer> {
  try {
    return await inflateBody(wire, encoding, maxBytes, hold);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refuseUnreadable(wire, `The body is not what Content-Encoding "${encoding}" says: ${(error as Error).message}`, error);
  }
}

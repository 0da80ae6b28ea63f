import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { Config } from "@/lib/config";
import { FieldCursor, WIRE } from "@/lib/otel/wire";
import { type SpanFields, tracesRequest } from "@/lib/otlp/testing/requests";
import { startIngest } from "../start-ingest";

const LOCAL: Config = {
  role: "ingest",
  databaseUrl: null,
  dataDir: "/nonexistent",
  host: "127.0.0.1",
  port: 3000,
  otlpHttpPort: 0,
  otlpGrpcPort: 0,
  publicUrl: null,
  authSecret: null,
  settleMs: 30_000,
  retentionDays: 30,
  maxBodyBytes: 64 * 1024 * 1024,
  webhookAllowCidrs: [],
  mode: "local",
};

/** An ingest of the test's own on free ports, over a real database; `config` changes single settings. */
export async function startTestIngest(databaseUrl: string, config: Partial<Config> = {}, options: { bytesInFlightMax?: number } = {}) {
  const ingest = await startIngest({ config: { ...LOCAL, ...config }, databaseUrl, ...options });
  return { ...ingest, url: `http://127.0.0.1:${ingest.httpPort}` };
}

export const newTraceId = (): string => randomBytes(16).toString("hex");
export const newSpanId = (): string => randomBytes(8).toString("hex");

/** A request body with one span of a new trace; fields and resource as given. */
export function oneSpan(span: SpanFields = {}, resource: Record<string, unknown> = { "service.name": "shop" }): Uint8Array {
  return tracesRequest([{ trace_id: newTraceId(), span_id: newSpanId(), ...span }], resource);
}

/** Posts a protobuf body. */
export function post(url: string, path: string, body: Uint8Array | string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url + path, { method: "POST", body: body as BodyInit, headers: { "content-type": "application/x-protobuf", ...headers } });
}

/** A socket that is written to by hand. `answer` resolves with what came back once `enough` says so, or the peer hung up. */
export async function rawSocket(port: number): Promise<{ socket: Socket; answer: (enough: (text: string) => boolean) => Promise<string> }> {
  const socket = connect(port, "127.0.0.1");
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  let text = "";
  let wake = () => {};
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    wake();
  });
  socket.on("close", () => wake());
  socket.on("error", () => {});
  const answer = async (enough: (text: string) => boolean) => {
    while (!enough(text) && !socket.destroyed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const read = text;
    text = "";
    return read;
  };
  return { socket, answer };
}

/** The head and body of an HTTP/1.1 POST, to be written to a raw socket. */
export function rawPost(path: string, body: Uint8Array, headers: Record<string, string> = {}): Buffer {
  const all = { host: "127.0.0.1", "content-type": "application/x-protobuf", "content-length": String(body.length), ...headers };
  const head = Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n`), body]);
}

/** Resolves with the first answer of `ask` that is not null. @throws after `withinMs` */
export async function eventually<T>(ask: () => Promise<T | null | undefined>, withinMs = 10_000): Promise<T> {
  const untilMs = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined) return answer;
    if (Date.now() > untilMs) throw new Error(`nothing came within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The fields of a protobuf message that a test wants to see: numbers, and bytes as text. */
export function protobufFields(bytes: Uint8Array): Record<number, number | string> {
  const fields: Record<number, number | string> = {};
  const cursor = new FieldCursor(bytes);
  while (cursor.next()) {
    fields[cursor.field] =
      cursor.wire === WIRE.bytes ? Buffer.from(bytes.subarray(cursor.valueAt, cursor.valueEnd)).toString("latin1") : cursor.low;
  }
  return fields;
}

export const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());

import { randomBytes } from "node:crypto";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import type { Capture, RecordedRequest } from "./capture";
import { type MovedCapture, moveToNow } from "./move-to-now";

const ANSWER_WITHIN_MS = 15_000;

interface Answer {
  path: string;
  recorded: number;
  /** HTTP status; for gRPC 200 or `grpc N`; `none` when the connection ended before it came. */
  got: number | string;
}

export interface Replayed extends MovedCapture {
  answers: Answer[];
  /** Closes the connections that were open when the recording stopped: they belong to processes that live on. */
  release(): void;
}

/** A connection of the replay: what the recorded client did, on a fresh socket. */
interface Line {
  send(request: RecordedRequest, body: Buffer): Promise<number | string>;
  write(bytes: Buffer): void;
  close(how: "end" | "reset"): Promise<void>;
}

/** Replays a capture in real time with all times moved to now. Resolves when all is sent and answered. */
export async function replay(capture: Capture, { http, grpc }: { http: string; grpc: string }): Promise<Replayed> {
  const startMs = Date.now();
  const moved = moveToNow(capture, startMs - capture.wallMs, randomBytes(16));
  const lines = new Map<number, Line>();
  const answers: Promise<Answer>[] = [];
  for (const event of moved.events) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, startMs + event.at - Date.now())));
    if (event.event === "open") lines.set(event.conn, event.proto === "grpc" ? grpcLine(grpc) : httpLine(http));
    const line = "conn" in event ? lines.get(event.conn) : undefined;
    if (!line) continue;
    if (event.event === "request") {
      const { path, status } = event;
      answers.push(line.send(event, moved.bodies.get(event) ?? Buffer.alloc(0)).then((got) => ({ path, recorded: status, got })));
    } else if (event.event === "garbage") line.write(Buffer.from(event.raw, "base64"));
    else if (event.event === "close" && event.by !== "server") {
      void line.close(event.by === "error" ? "reset" : "end");
      lines.delete(event.conn);
    }
  }
  return {
    ...moved,
    answers: await Promise.all(answers),
    release: () => {
      for (const line of lines.values()) void line.close("end");
    },
  };
}

const within = <T>(promise: Promise<T>, otherwise: T): Promise<T> =>
  Promise.race([promise, new Promise<T>((resolve) => setTimeout(() => resolve(otherwise), ANSWER_WITHIN_MS).unref())]);

/** HTTP/1.1 by hand: a client library would open and close connections as it likes. */
function httpLine(base: string): Line {
  const { hostname, port } = new URL(base);
  const socket = connectTcp(Number(port), hostname);
  let received = Buffer.alloc(0);
  let last: Promise<unknown> = Promise.resolve();
  const listeners = new Set<() => void>();
  const wake = () => {
    for (const listener of listeners) listener();
  };
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  socket.on("close", wake);

  function answered(): Promise<number | string> {
    return new Promise((resolve) => {
      const look = () => {
        const answer = firstAnswer(received);
        if (!answer && !socket.destroyed) return;
        listeners.delete(look);
        received = received.subarray(answer?.length ?? received.length);
        resolve(answer?.status ?? "none");
      };
      listeners.add(look);
      look();
    });
  }

  return {
    send: (request, body) => {
      const answer = last.then(() => {
        const { "transfer-encoding": _chunked, "content-length": _length, ...headers } = request.headers;
        const lines = Object.entries({ ...headers, host: `${hostname}:${port}` }).map(([name, value]) => `${name}: ${value}\r\n`);
        if (request.method !== "GET") lines.push(`content-length: ${body.length}\r\n`);
        socket.write(Buffer.concat([Buffer.from(`${request.method} ${request.path} HTTP/1.1\r\n${lines.join("")}\r\n`), body]));
        return within(answered(), "none");
      });
      last = answer;
      return answer;
    },
    write: (bytes) => void socket.write(bytes),
    close: async (how) => {
      await last;
      if (how === "reset") socket.resetAndDestroy();
      else socket.end();
    },
  };
}

/** The first whole HTTP answer at the start of `bytes`. */
function firstAnswer(bytes: Buffer): { status: number; length: number } | null {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd === -1) return null;
  const head = bytes.toString("latin1", 0, headEnd);
  const status = Number(head.slice(9, 12));
  const bodyStart = headEnd + 4;
  if (/^transfer-encoding: *chunked/im.test(head)) {
    const end = bytes.indexOf("0\r\n\r\n", bodyStart);
    return end === -1 ? null : { status, length: end + 5 };
  }
  const length = bodyStart + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  return bytes.length < length ? null : { status, length };
}

function grpcLine(authority: string): Line {
  const session = connectHttp2(/^https?:/.test(authority) ? authority : `http://${authority}`);
  session.on("error", () => {});
  const pending = new Set<Promise<unknown>>();

  const call = (request: RecordedRequest, body: Buffer) =>
    new Promise<number | string>((resolve) => {
      if (session.closed || session.destroyed) return resolve("none");
      const { host: _host, ...headers } = request.headers;
      const frame = Buffer.alloc(5);
      frame.writeUInt8(request.grpcCompressed ? 1 : 0, 0);
      frame.writeUInt32BE(body.length, 1);
      const stream = session.request({ ":method": "POST", ":path": request.path, ...headers });
      const status = (found: Record<string, unknown>) => {
        const code = found["grpc-status"];
        if (code !== undefined) resolve(String(code) === "0" ? 200 : `grpc ${code}`);
      };
      stream.on("response", status);
      stream.on("trailers", status);
      stream.on("error", () => resolve("none"));
      stream.on("close", () => resolve("none"));
      stream.resume();
      stream.end(Buffer.concat([frame, body]));
    });

  return {
    send: (request, body) => {
      const answer = within(call(request, body), "none");
      pending.add(answer);
      return answer;
    },
    write: () => {},
    close: async (how) => {
      await Promise.all(pending);
      if (how === "reset") session.destroy();
      else session.close();
    },
  };
}

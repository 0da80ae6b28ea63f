import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Capture, CaptureEvent, TruthLine } from "@/lib/testing/captures/capture";
import type { Plan } from "./plan";

const PROGRAM = join(import.meta.dirname, "../programs/fleet.mjs");
const PROGRAM_WITHIN_MS = 150_000;
/** For closes that are on their way when the last process has ended. */
const CLOSES_WITHIN_MS = 200;

/** Runs one fleet against a server that answers like Spanwatch and writes down every connection and request, as e2e/captures/README.md has it. */
export async function recordFleet(plan: Plan): Promise<Capture> {
  const wallMs = Date.now();
  const events: CaptureEvent[] = [{ event: "start", at: 0, wallMs }];
  const server = recordingServer((event) => events.push({ ...event, at: Date.now() - wallMs } as CaptureEvent));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const folder = mkdtempSync(join(tmpdir(), "fleet-"));
  const truthFile = join(folder, "truth.jsonl");
  try {
    await run(plan, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, truthFile);
    await new Promise((resolve) => setTimeout(resolve, CLOSES_WITHIN_MS));
    events.push({ event: "stop", at: Date.now() - wallMs });
    const truth = readFileSync(truthFile, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as TruthLine);
    return { id: plan.id, events, truth, expected: {}, wallMs };
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function recordingServer(write: (event: Record<string, unknown>) => void) {
  const numbers = new Map<Socket, number>();
  const server = createServer({ keepAliveTimeout: 3_600_000, requestTimeout: 0 }, async (request, response) => {
    const body = await bodyOf(request);
    write({
      event: "request",
      conn: numbers.get(request.socket),
      method: request.method,
      path: request.url,
      headers: request.headers,
      body: body.toString("base64"),
      status: 200,
    });
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  server.on("connection", (socket: Socket) => {
    const conn = numbers.size + 1;
    numbers.set(socket, conn);
    write({ event: "open", conn, proto: "http" });
    let by = "server";
    socket.on("end", () => {
      by = "client";
    });
    socket.on("error", () => {
      by = "error";
    });
    socket.on("close", () => write({ event: "close", conn, by }));
  });
  return server;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // Cut off in the middle: what came of it is none.
    return Buffer.alloc(0);
  }
  return Buffer.concat(chunks);
}

function run(plan: Plan, endpoint: string, truthFile: string): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM], {
    env: {
      NODE_ENV: "production",
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PLAN: JSON.stringify(plan),
      TRUTH: truthFile,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaints = "";
  child.stderr.on("data", (chunk) => {
    complaints += String(chunk);
  });
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => child.kill("SIGKILL"), PROGRAM_WITHIN_MS);
    child.once("exit", (code, signal) => {
      clearTimeout(limit);
      if (code === 0) resolve();
      else reject(new Error(`${plan.id} ended with ${signal ?? code}: ${complaints.slice(-2000)}`));
    });
  });
}

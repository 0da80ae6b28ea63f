import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { CaptureEvent } from "@/lib/testing/captures/capture";
import { replayCapture } from "@/lib/testing/captures/replay-capture";
import { EXHIBITS, sendGallery } from "./gallery";

/** Stale only after ten minutes of the server's clock, longer than a replay goes on. */
const TOO_SLOW = new Set(["stale-span"]);

/** A server that records what it receives, and from which connection, as the captures do. */
async function recorder() {
  const events: CaptureEvent[] = [];
  const connections = new Map<unknown, number>();
  const beganMs = Date.now();
  const at = () => Date.now() - beganMs;
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = request.headers as Record<string, string>;
      const body = Buffer.concat(chunks).toString("base64");
      const conn = connections.get(request.socket) ?? 0;
      events.push({ event: "request", at: at(), conn, method: "POST", path: request.url ?? "", headers, body, status: 200 });
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  server.keepAliveTimeout = 60_000;
  server.on("connection", (socket) => {
    const conn = connections.size + 1;
    connections.set(socket, conn);
    events.push({ event: "open", at: at(), conn });
    socket.on("close", () => events.push({ event: "close", at: at(), conn, by: "client" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { events, beganMs, server, httpEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

// Real sockets: on a busy machine a close may come later after the last batch than an orderly exit's would.
test("each exhibit's traffic makes Spanwatch say what its label says, and nothing of the healthy one", { retry: 3 }, async () => {
  const { events, beganMs, server, httpEndpoint } = await recorder();
  const { items } = await sendGallery({ httpEndpoint });
  const closing = EXHIBITS.flatMap((exhibit) => exhibit.acts()).filter(({ connection }) => connection === "close").length;
  await expect.poll(() => events.filter(({ event }) => event === "close").length).toBeGreaterThanOrEqual(closing);
  const received = events.slice();
  server.closeAllConnections();
  server.close();

  const capture = { id: "gallery", events: received, truth: [], expected: {}, wallMs: beganMs };
  const { findings } = replayCapture(capture, { settleMs: 3_000, staleAfterMs: 600_000 });
  // Findings about connections and hosts belong to no trace.
  const open = findings.filter(({ state }) => state === "open");
  const told = new Set(open.map(({ kind, traceId }) => (traceId === null ? kind : `${kind} ${traceId}`)));
  const wanted = items.filter(({ kind }) => kind !== "healthy" && !TOO_SLOW.has(kind));
  expect(wanted.filter(({ kind, traceId }) => !told.has(`${kind} ${traceId}`) && !told.has(kind)).map(({ kind }) => kind)).toEqual([]);
  const healthy = items.find(({ kind }) => kind === "healthy");
  expect(findings.filter(({ traceId }) => traceId !== null && traceId === healthy?.traceId)).toEqual([]);
});

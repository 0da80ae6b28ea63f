import type { IncomingMessage, ServerResponse } from "node:http";
import { findProjectName } from "@/db/queries/ingest/projects";
import { webUrlOf } from "@/lib/config";
import { projectOf } from "./access";
import type { Connection } from "./connections";
import { answerJson } from "./http-answers";
import { newId } from "./ids";
import type { IngestParts } from "./ingest-parts";
import { Refusal } from "./refusal";
import { type Header, isOnThisMachine } from "./sender";

/** One request, as it is being answered. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  connection: Connection;
  path: string;
  header: Header;
  userAgent: string;
  projectId: number | null;
}

/** What may be asked, by path. */
export const QUERIES: Record<string, (parts: IngestParts, exchange: Exchange) => Promise<void> | void> = {
  "/v1/info": answerInfo,
  "/healthz": (_, { response }) => answerJson(response, 200, { status: "ok" }),
  "/readyz": answerReadiness,
  "/metrics": answerMetrics,
};

/** The Logfire SDK asks this when it is configured: a sign that a process has begun (wire.md §2.7). */
async function answerInfo(parts: IngestParts, { connection, response, header, userAgent }: Exchange): Promise<void> {
  const projectId = await projectOf(parts, header);
  const nowMs = Date.now();
  connection.noteRequest(nowMs, userAgent, header);
  const { peer, tokenHash } = connection;
  parts.evidence.noteHandshake(
    { id: newId(nowMs), atMs: nowMs, connectionId: connection.id, projectId, peer, userAgent: connection.userAgent, tokenHash },
    connection,
  );
  // The SDK waits for this and the name is only shown: rather another one than a late one.
  const name = parts.queue.isConnected ? await findProjectName(parts.db, projectId).catch(() => null) : null;
  answerJson(response, 200, { project_name: name ?? "default", project_url: webUrlOf(parts.config) });
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

import { randomBytes } from "node:crypto";
import type { Server } from "node:net";
import { availableParallelism } from "node:os";
import { openDatabase } from "@/db/client";
import { type Config, webUrlOf } from "@/lib/config";
import { StartError } from "@/lib/errors";
import { Admission } from "./admission";
import { Connections } from "./connections";
import { clean } from "./dictionary";
import { EvidenceWriter } from "./evidence-writer";
import { makeGrpcServer } from "./grpc-server";
import { makeHttpServer } from "./http-server";
import { newId } from "./ids";
import { makeIngestMetrics } from "./ingest-metrics";
import type { IngestParts } from "./ingest-parts";
import { LIMITS } from "./limits";
import { LocalProcesses } from "./local-processes";
import { Nudges } from "./nudges";
import { runPrefix } from "./proc";
import { headOf } from "./refusal";
import { WriteQueue } from "./write-queue";

const ANSWERED_MS = 200;

interface IngestOptions {
  config: Config;
  databaseUrl: string;
  /** `off` loses answered requests in a crash: only for the test that shows that the crash test would see it. */
  synchronousCommit?: "on" | "off";
  bytesInFlightMax?: number;
}

export interface Ingest {
  /** Where it listens; of interest when the settings said port 0. */
  httpPort: number;
  grpcPort: number;
  /** Stops taking in, finishes what is in flight (at most 3 s), and lets go of the database. */
  close(): Promise<void>;
}

/**
 * Starts the ingest: both servers, the writers and the watch over local processes.
 * @throws StartError when a port cannot be listened on
 */
export async function startIngest({ config, databaseUrl, synchronousCommit = "on", bytesInFlightMax }: IngestOptions): Promise<Ingest> {
  const ingestId = randomBytes(9).toString("base64url");
  const prefix = runPrefix();
  const db = openDatabase(databaseUrl, { max: 2, statementTimeoutMs: 5_000, applicationName: "spanwatch ingest reads" });
  const evidence = new EvidenceWriter({
    databaseUrl,
    ingestId,
    runPrefix: prefix,
    onConnected: (before) => localProcesses.resume(before),
  });
  const localProcesses = new LocalProcesses(evidence, prefix);
  const connections = new Connections({
    onHungUp: (connection) => localProcesses.noteHungUp(connection),
    // One that never brought anything leaves no row.
    onClosed: (connection) => (connection.isNoted ? evidence.noteClose(connection) : undefined),
  });
  const admission = new Admission(bytesInFlightMax ?? LIMITS.bytesInFlight);
  const queue: WriteQueue = new WriteQueue({
    databaseUrl,
    ingestId,
    writers: Math.min(4, Math.max(2, availableParallelism())),
    synchronousCommit,
    onCommit(group, traces, tookMs) {
      // A group is of one project.
      if (group[0]) evidence.noteCommit(group[0].item.projectId, traces.ids, traces.count);
      const batches = group.filter(({ outcome }) => outcome === "stored").map(({ item }) => item.batch);
      const spans = batches.reduce((sum, batch) => sum + batch.spans.count, 0);
      metrics.spans.inc(spans);
      metrics.logs.inc(batches.reduce((sum, batch) => sum + batch.logs.count, 0));
      metrics.commitSeconds.observe(tookMs / 1000);
      metrics.commitSpans.observe(spans);
    },
  });
  const metrics = makeIngestMetrics({
    bytesInFlight: () => admission.bytesInFlight,
    openConnections: () => connections.openCount,
    isDatabaseUp: () => queue.isConnected,
  });
  const nudges = new Nudges({ db, webUrl: webUrlOf(config) });
  const parts: IngestParts = {
    config,
    db,
    queue,
    evidence,
    localProcesses,
    connections,
    admission,
    metrics,
    nudges,
    isStopping: false,
    noteReject(connection, { head, projectId, status, reason, ...told }) {
      metrics.rejected.inc({ reason });
      connection.isNoted = true;
      const row = {
        id: newId(),
        atMs: Date.now(),
        connectionId: connection.id,
        projectId,
        status,
        reason,
        path: clean(told.path.slice(0, 200)),
        userAgent: clean(told.userAgent.slice(0, LIMITS.userAgentChars)),
        detail: clean(told.detail.slice(0, 2_000)),
        bodyHead: head && headOf(head),
      };
      evidence.noteReject(row, connection);
    },
  };

  const http = makeHttpServer(parts);
  const grpc = makeGrpcServer(parts);
  const close = once(async () => {
    parts.isStopping = true;
    http.close();
    grpc.close();
    localProcesses.close();
    nudges.close();
    await drained(connections, LIMITS.drainMs);
    // What is still in hand is refused, and answered so.
    await queue.close();
    await drained(connections, ANSWERED_MS);
    connections.closeAll();
    http.closeAllConnections();
    grpc.closeAllConnections();
    await evidence.close(1_000);
    // Only reads, of which none matters any more; one that hangs is not waited for.
    await Promise.race([db.$client.end(), new Promise((resolve) => setTimeout(resolve, 500).unref())]);
  });
  try {
    const httpPort = await listen(http, config.host, config.otlpHttpPort, "OTLP_HTTP_PORT");
    const grpcPort = await listen(grpc.server, config.host, config.otlpGrpcPort, "OTLP_GRPC_PORT");
    return { httpPort, grpcPort, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function listen(server: Server, host: string, port: number, setting: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const what = cause.code === "EADDRINUSE" ? `another program listens on ${host}:${port}` : cause.message;
      reject(new StartError(`${setting}="${port}" cannot be used: ${what}. Expected a free port.`, { cause }));
    });
    server.listen({ host, port, backlog: 1024 }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/** Resolves when no request is in flight any more. */
async function drained(connections: Connections, withinMs: number): Promise<void> {
  const untilMs = Date.now() + withinMs;
  while (connections.inFlight > 0 && Date.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 10));
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => (closing ??= close());
}

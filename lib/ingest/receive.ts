import { createHash } from "node:crypto";
import { halvesOf } from "@/db/queries/records/row-context";
import type { MetricsDigest, RecordBatch } from "@/lib/otel/record-batch";
import { describeRejections, type Signal } from "@/lib/otlp/answer";
import { looksInterleaved } from "@/lib/otlp/interleaved";
import { MalformedBody } from "@/lib/otlp/malformed-body";
import type { Connection } from "./connections";
import type { Decoded, Format } from "./decode";
import { decode } from "./decode-aside";
import { knownResource, knownScope } from "./dictionary";
import { newId } from "./ids";
import type { IngestParts } from "./ingest-parts";
import { Lru } from "./lru";
import { processIdOf } from "./process-identity";
import { headOf, malformed, type Refusal, unavailable } from "./refusal";
import { emptyBatch, selfMetricRows } from "./self-metrics";
import type { WriteItem } from "./write-item";

/** A whole request, as either server hands it over. */
export interface Incoming {
  connection: Connection;
  projectId: number;
  /** URL path, or the gRPC method. */
  path: string;
  userAgent: string;
  signal: Signal;
  format: Format;
  /** `gzip`, `deflate` or `identity`. */
  encoding: string;
  receivedMs: number;
  /** As it came over the wire, and inflated (the same when it was not compressed). */
  wire: Uint8Array;
  body: Uint8Array;
}

/** What the sender is told: how many records were refused one by one, and why, in English. */
export interface Receipt {
  rejected: number;
  message: string;
  /** A line about what the sender's service left open, or null (lib/ingest/nudges.ts). */
  nudge: string | null;
}

/**
 * Takes in one request: decodes it, hands it to the group commit, and resolves when it is durable.
 * @throws Refusal
 */
export async function receive(parts: IngestParts, incoming: Incoming): Promise<Receipt> {
  const decoded = await decodeOrRefuse(incoming);
  const item = await makeItem(incoming, decoded);
  for (const processId of item.processIds) incoming.connection.processes.set(processId, incoming.projectId);
  noteLocalProcesses(parts, item);
  if (hasSomethingToStore(item)) {
    const outcome = await parts.queue.add(item);
    for (const processId of item.processIds) parts.localProcesses.noteStored(processId);
    if (outcome === "stored") noteRefusedRecords(parts, incoming, item.batch);
  }
  const services = item.resources.map(({ service }) => service);
  return { ...receiptOf(decoded), nudge: parts.nudges.take({ projectId: item.projectId, services, processIds: item.processIds }) };
}

async function decodeOrRefuse({ format, signal, body, wire }: Incoming): Promise<Decoded> {
  try {
    return await decode(format, signal, body);
  } catch (error) {
    if (error instanceof MalformedBody) throw refuseUnreadable(wire, error.message, error);
    throw error;
  }
}

/** Bodies that were mixed up with others, by hash: a sender is asked once to send such a one again (wire.md §8.1). */
const interleavedBefore = new Lru<string, true>(10_000);

/** What to say of a body that cannot be read: when two requests lie in it, another connection will bring it whole. */
export function refuseUnreadable(wire: Uint8Array, message: string, cause: unknown): Refusal {
  if (!looksInterleaved(wire)) return malformed("malformed", message, { head: headOf(wire), cause });
  const sha = createHash("sha256").update(wire).digest("base64");
  const why =
    "The bytes of another request lie inside this one: two processes wrote into one connection, as forked children do that share their parent's exporter";
  if (interleavedBefore.get(sha)) return malformed("interleaved-requests", `${why}. ${message}`, { head: headOf(wire), cause });
  interleavedBefore.set(sha, true);
  return unavailable("interleaved-requests", `${why}. Send it again on a new connection.`, { closes: true, head: headOf(wire), cause });
}

async function makeItem(incoming: Incoming, { batch, metrics }: Decoded): Promise<WriteItem> {
  const { connection, projectId, receivedMs } = incoming;
  const records = batch ?? emptyBatch(metrics.resources);
  const resources = records.resources.map(knownResource);
  const scopes = records.scopes.map(knownScope);
  const processIds = resources.map((resource) => processIdOf(projectId, resource, connection));
  const requestId = newId(receivedMs);
  const hasRecords = records.spans.count + records.logs.count > 0;
  return {
    projectId,
    receivedMs,
    signal: incoming.signal,
    batch: records,
    context: {
      projectId,
      received: halvesOf(BigInt(receivedMs)),
      requestId: halvesOf(requestId),
      connectionId: halvesOf(connection.id),
      resources: resources.map((resource, i) => ({
        resourceId: resource.halves,
        processId: halvesOf(processIds[i] as bigint),
        service: resource.serviceBytes,
      })),
      scopeIds: scopes.map((scope) => scope.halves),
    },
    request: requestRow(incoming, requestId, records),
    connection,
    resources,
    scopes,
    processIds,
    metrics: metrics ? selfMetricRows(metrics, processIds, projectId, receivedMs) : [],
    bodySha: hasRecords ? await shaOf(incoming) : null,
    bytes: incoming.body.length,
  };
}

function requestRow(incoming: Incoming, id: bigint, batch: RecordBatch): WriteItem["request"] {
  const { connection, path, userAgent, encoding, wire, body, receivedMs } = incoming;
  return {
    id,
    receivedMs,
    connectionId: connection.id,
    path,
    userAgent,
    encoding,
    wireBytes: wire.length,
    bodyBytes: body.length,
    spans: batch.spans.count,
    logs: batch.logs.count,
    rejected: batch.rejectedCount,
    status: 200,
    outcome: "stored",
  };
}

/** Hashing runs at about 1 GB/s: a large body gives the event loop its turn in between. */
const HASHED_PER_TURN = 4 * 1024 * 1024;

/** The same bytes mean something else for another project or signal. */
async function shaOf({ projectId, signal, format, body }: Incoming): Promise<Buffer> {
  const hash = createHash("sha256").update(`${projectId}/${signal}/${format}/`);
  for (let at = 0; at < body.length; at += HASHED_PER_TURN) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
    hash.update(body.subarray(at, at + HASHED_PER_TURN));
  }
  return hash.digest();
}

function noteLocalProcesses(parts: IngestParts, { connection, projectId, processIds, resources, receivedMs }: WriteItem): void {
  for (const [i, resource] of resources.entries()) {
    parts.localProcesses.noteRequest(connection, projectId, processIds[i] as bigint, resource, receivedMs);
  }
}

/** A request that brings nothing, not even a refused record, leaves no trace. Metrics are a sign of life. */
const hasSomethingToStore = ({ batch, processIds }: WriteItem): boolean =>
  batch.spans.count + batch.logs.count + batch.rejectedCount + processIds.length > 0;

/** Our own refusals are evidence too: what is missing in a trace may be missing because of them. */
function noteRefusedRecords(parts: IngestParts, incoming: Incoming, { rejections, rejectedCount }: RecordBatch): void {
  if (rejectedCount === 0) return;
  const detail = describeRejections(rejections, rejectedCount);
  parts.noteReject(incoming.connection, { ...incoming, status: 200, reason: "records", detail, head: null });
}

function receiptOf({ batch, metrics }: Decoded): Omit<Receipt, "nudge"> {
  if (metrics) return { rejected: 0, message: metricsMessage(metrics) };
  return { rejected: batch.rejectedCount, message: describeRejections(batch.rejections, batch.rejectedCount) };
}

/** What stands in `partial_success.error_message`: there is room for one thing, and what was refused matters more. */
export const messageOf = ({ message, nudge }: Receipt): string => message || (nudge ?? "");

function metricsMessage({ droppedPoints, rejections }: MetricsDigest): string {
  if (rejections.length > 0) return describeRejections(rejections, rejections.length);
  if (droppedPoints === 0) return "";
  return `Spanwatch keeps no metrics: ${droppedPoints} data points were read as a sign of life and let go.`;
}

import { parentPort } from "node:worker_threads";
import { MalformedBody } from "@/lib/otlp/malformed-body";
import { type Decoded, decodeBody } from "./decode";
import type { DecodeOrder, DecodeReport } from "./decode-aside";

/** The other side of lib/ingest/decode-aside.ts. */
parentPort?.on("message", ({ id, format, signal, body }: DecodeOrder) => {
  try {
    const decoded = decodeBody(format, signal, body);
    const { resources } = decoded.batch ?? decoded.metrics;
    // Attributes are decoded when somebody asks, which an object that was sent over cannot do.
    for (const [i, resource] of resources.entries()) resources[i] = { ...resource, attributes: resource.attributes };
    report({ id, decoded }, buffersOf(decoded));
  } catch (error) {
    if (error instanceof MalformedBody) report({ id, malformed: error.message });
    else report({ id, failed: String((error as Error).stack ?? error) });
  }
});

function report(message: DecodeReport, buffers: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, buffers);
}

/** What is handed over rather than copied: the bytes, and the memory of the columns. */
function buffersOf({ batch }: Decoded): ArrayBuffer[] {
  if (batch === null) return [];
  return [...new Set([batch.bytes.buffer, batch.spans.traceIdAt.buffer, batch.logs.traceIdAt.buffer])] as ArrayBuffer[];
}

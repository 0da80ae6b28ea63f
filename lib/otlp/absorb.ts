import type { BatchBuilder } from "./batch-builder";

const OFFSETS = [
  "traceIdAt",
  "spanIdAt",
  "parentSpanIdAt",
  "nameAt",
  "statusMessageAt",
  "traceStateAt",
  "attributesAt",
  "eventsAt",
  "linksAt",
] as const;

/** Adds the spans of another batch, read from bytes of its own, to `batch`, with their resources and scopes. */
export function absorbSpans(batch: BatchBuilder, other: BatchBuilder): void {
  const { bytes, spans: from, resources, scopes } = other.finish();
  const base = batch.keep(bytes);
  const firstResource = batch.resources.length;
  const firstScope = batch.scopes.length;
  for (const resource of resources) batch.addResource(resource);
  for (const scope of scopes) batch.addScope(scope);
  for (let i = 0; i < from.count; i++) {
    const row = batch.spanRow();
    const { spans } = batch;
    for (const name of Object.keys(spans) as (keyof typeof spans)[]) {
      const column = spans[name];
      if (typeof column !== "number") column[row] = (from[name] as Uint32Array)[i] as number;
    }
    for (const name of OFFSETS) if ((from[name][i] as number) >= 0) spans[name][row] = (from[name][i] as number) + base;
    spans.resource[row] = firstResource + (from.resource[i] as number);
    spans.scope[row] = firstScope + (from.scope[i] as number);
    spans.count = row + 1;
  }
}

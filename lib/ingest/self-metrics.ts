import type { ProcessMetricRow } from "@/db/queries/ingest/process-metrics";
import type { Attribute } from "@/lib/otel/attributes";
import type { MetricsDigest, RecordBatch } from "@/lib/otel/record-batch";
import { makeLogColumns, makeSpanColumns } from "@/lib/otlp/columns";
import { clean } from "./dictionary";

/** An SDK has a few dozen counters about itself; whoever sends more is not one. */
const ROWS_MAX = 128;
const NAME_CHARS = 128;
/** Together with the name they are a key, which an index must hold. */
const ATTRIBUTES_CHARS = 512;

/** What an SDK counts about itself (`otel.sdk.*`): kept as the last value of each, to be held against what arrived (wire.md W5, W6). */
export function selfMetricRows(
  metrics: MetricsDigest,
  processIds: readonly bigint[],
  projectId: number,
  receivedMs: number,
): ProcessMetricRow[] {
  return metrics.points.slice(0, ROWS_MAX).flatMap(({ resource, name, attributes, value, timeUnixNano, isDelta }) => {
    const processId = processIds[resource];
    const text = canonicalText(attributes);
    if (processId === undefined || name.length > NAME_CHARS || text.length > ATTRIBUTES_CHARS) return [];
    return [{ processId, projectId, name: clean(name), attributes: text, value, isDelta, timeNs: timeUnixNano, receivedMs }];
  });
}

/** JSON of a list of pairs, in the order of the keys: the same attributes make the same text. */
const canonicalText = (attributes: readonly Attribute[]): string =>
  JSON.stringify(
    attributes
      .map(({ key, value }) => [key, "value" in value && typeof value.value !== "object" ? value.value : value.type])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  );

/** A request without records, such as one of metrics: it says whose it is, and that it lives. */
export const emptyBatch = (resources: RecordBatch["resources"]): RecordBatch => ({
  bytes: new Uint8Array(0),
  spans: makeSpanColumns(0),
  logs: makeLogColumns(0),
  resources,
  scopes: [],
  rejections: [],
  rejectedCount: 0,
});

import type { ProcessMetricRow } from "@/db/queries/ingest/process-metrics";
import type { RequestRow } from "@/db/queries/ingest/requests";
import type { RowContext } from "@/db/queries/records/row-context";
import type { RecordBatch } from "@/lib/otel/record-batch";
import type { Signal } from "@/lib/otlp/answer";
import type { Connection } from "./connections";
import type { KnownResource, KnownScope } from "./dictionary";

/** One request on its way into the database. */
export interface WriteItem {
  projectId: number;
  receivedMs: number;
  signal: Signal;
  batch: RecordBatch;
  context: RowContext;
  request: RequestRow;
  connection: Connection;
  /** By index of the batch's resources and scopes. */
  resources: KnownResource[];
  scopes: KnownScope[];
  processIds: bigint[];
  metrics: ProcessMetricRow[];
  /** SHA-256 of what was sent, by which a retry is recognised; null when nothing of it is stored that could be doubled. */
  bodySha: Buffer | null;
  /** Bytes it holds. */
  bytes: number;
}

/** What became of a request that was taken. */
export type Outcome = "stored" | "duplicate";

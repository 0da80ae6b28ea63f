import type { Db } from "@/db/client";
import type { Config } from "@/lib/config";
import type { Admission } from "./admission";
import type { Connection, Connections } from "./connections";
import type { EvidenceWriter } from "./evidence-writer";
import type { IngestMetrics } from "./ingest-metrics";
import type { LocalProcesses } from "./local-processes";
import type { Nudges } from "./nudges";
import type { WriteQueue } from "./write-queue";

/** What both servers share. */
export interface IngestParts {
  config: Config;
  /** Reads only: keys and projects. */
  db: Db;
  queue: WriteQueue;
  evidence: EvidenceWriter;
  localProcesses: LocalProcesses;
  connections: Connections;
  admission: Admission;
  metrics: IngestMetrics;
  nudges: Nudges;
  /** Keeps what was refused, and why, as evidence, and counts it. */
  noteReject(connection: Connection, reject: Reject): void;
  /** Set once we are told to stop. */
  isStopping: boolean;
}

export interface Reject {
  projectId: number | null;
  path: string;
  userAgent: string;
  status: number;
  reason: string;
  detail: string;
  /** First bytes of what came, where they tell something. */
  head: Uint8Array | null;
}

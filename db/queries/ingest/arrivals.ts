import { int8Array, uuidArray } from "../../binary-array";
import type { Part } from "./part";

/** What the scheduler is told (it deletes the row as it reads it). */
export interface ArrivalRow {
  id: bigint;
  atMs: number;
  /** `source`: a hand-shake or a refusal, of no process that is known. */
  what: "records" | "connection" | "process" | "source";
  traceIds: Uint8Array[];
  /** Those that got a start or a heartbeat: looked at once. */
  openTraceIds: Uint8Array[];
  processIds: bigint[];
}

/** At most one row: null writes none. */
export const arrivalPart: Part<ArrivalRow | null> = {
  size: 6,
  sql: (from) => `
    insert into arrival (project_id, id, at_ms, what, trace_ids, open_trace_ids, process_ids)
    select $1::int4, $${from}::int8, $${from + 1}::int8, $${from + 2}::text, $${from + 3}::uuid[], $${from + 4}::uuid[], $${from + 5}::int8[]
    where $${from}::int8 is not null
    on conflict do nothing`,
  values: (row) => [
    row && String(row.id),
    row && String(row.atMs),
    row?.what ?? null,
    row && uuidArray(row.traceIds),
    row && uuidArray(row.openTraceIds),
    row && int8Array(row.processIds),
  ],
};

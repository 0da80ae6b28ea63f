import type pg from "pg";
import { byteaArray } from "../../binary-array";
import type { Statement } from "../../write-connection";
import { type ArrivalRow, arrivalPart } from "./arrivals";
import { type ConnectionRow, connectionsPart } from "./connections";
import type { Part } from "./part";
import { type ConnectionProcessRow, connectionProcessesPart, type ProcessRow, processesPart } from "./processes";
import { type LedgerRow, ledgerPart, type MinuteRow, minutesPart, type RequestRow, requestsPart } from "./requests";
import { type TraceSums, traceSumsPart } from "./trace-sums";

/** What one group commit writes besides its records. Everything belongs to one project; no key appears twice in a list. */
export interface CommitRows {
  projectId: number;
  ledger: LedgerRow[];
  requests: RequestRow[];
  connections: ConnectionRow[];
  processes: ProcessRow[];
  connectionProcesses: ConnectionProcessRow[];
  traces: TraceSums;
  minutes: MinuteRow[];
  arrival: ArrivalRow | null;
}

const PARTS: { [Name in Exclude<keyof CommitRows, "projectId">]: Part<CommitRows[Name]> } = {
  ledger: ledgerPart,
  requests: requestsPart,
  connections: connectionsPart,
  processes: processesPart,
  connectionProcesses: connectionProcessesPart,
  traces: traceSumsPart,
  minutes: minutesPart,
  arrival: arrivalPart,
};

/**
 * One statement for all that a commit changes beside the records, so that it costs one round trip. Each part writes its rows in the order
 * of their keys, and the parts always run in the same order: two writers wait for each other, but never in a circle.
 */
const TEXT = (() => {
  let from = 2;
  const parts = Object.entries(PARTS).map(([name, part]) => {
    const sql = part.sql(from);
    from += part.size;
    return `${name.toLowerCase()} as (${sql})`;
  });
  return `with ${parts.join(", ")} select count(*) from ledger`;
})();

/** The statement of a commit. Its one row says how many bodies were new: fewer than given means that some were committed before. */
export const commitStatement = (rows: CommitRows): Statement => ({
  name: "commit",
  text: TEXT,
  values: [
    String(rows.projectId),
    ...PARTS.ledger.values(rows.ledger),
    ...PARTS.requests.values(rows.requests),
    ...PARTS.connections.values(rows.connections),
    ...PARTS.processes.values(rows.processes),
    ...PARTS.connectionProcesses.values(rows.connectionProcesses),
    ...PARTS.traces.values(rows.traces),
    ...PARTS.minutes.values(rows.minutes),
    ...PARTS.arrival.values(rows.arrival),
  ],
});

/** Which of these bodies were committed before, as hex. */
export async function listKnownBodies(client: pg.Client, bodies: Buffer[]): Promise<Set<string>> {
  const { rows } = await client.query<{ sha: string }>(
    "select encode(body_sha, 'hex') as sha from request_ledger where body_sha = any($1::bytea[])",
    [byteaArray(bodies)],
  );
  return new Set(rows.map((row) => row.sha));
}

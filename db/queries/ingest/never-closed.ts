import type { Db } from "@/db/client";

/** One process of a service, and how many spans it left open for ever. */
export interface NeverClosed {
  projectId: number;
  service: string;
  /** Of our own id of the process, as text; null where nobody knows whose the spans were. */
  processId: string | null;
  pid: number | null;
  spans: number;
  /** Trace of the youngest of these findings, 32 hex digits. */
  traceId: string | null;
  /** Server clock of the youngest of these findings, Unix ms. */
  openedMs: number;
}

/** Spans that are known to be abandoned since `sinceMs`, muted ones left out, by service and process, the youngest first; at most `limit`. */
export async function listNeverClosed(db: Db, projectIds: readonly number[], sinceMs: number, limit: number): Promise<NeverClosed[]> {
  const { rows } = await db.$client.query<NeverClosed>(
    `select finding.project_id as "projectId", finding.service, finding.process_id::text as "processId", process.pid::float8 as pid,
       sum(finding.count)::int4 as spans, max(finding.opened_ms)::float8 as "openedMs",
       replace((array_agg(finding.trace_id order by finding.opened_ms desc))[1]::text, '-', '') as "traceId"
     from finding left join process on process.id = finding.process_id
     where finding.project_id = any($1::int4[]) and finding.state = 'open' and finding.opened_ms >= $2
       and finding.kind = 'abandoned-span' and finding.certainty <> 'possible'
     group by finding.project_id, finding.service, finding.process_id, process.pid
     order by max(finding.opened_ms) desc limit $3`,
    [projectIds, sinceMs, limit],
  );
  return rows;
}

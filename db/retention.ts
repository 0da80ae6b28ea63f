import type { Db } from "./client";
import { dropPartitions } from "./partitions";

const ROWS_PER_STATEMENT = 5_000;
/** Of one statement's kind in one call: what is left, the next call takes. */
const STATEMENTS_MAX = 200;
const HOUR_MS = 3_600_000;

/**
 * What grows with the days and lies outside of the partitions. Each statement deletes up to $2 rows that are older than $1 (Unix ms),
 * found by an index, in a transaction of its own, so that nobody waits for it.
 */
const EXPIRED: Record<string, string> = {
  // A trace that still gets records is kept, and what was found in it goes with it.
  trace: `
    with gone as (
      delete from trace where trace_id in (
        select old.trace_id from project
        cross join lateral (
          select trace_id from trace
          where project_id = project.id and first_received_ms < $1 and last_received_ms < $1
          order by first_received_ms limit $2
        ) old
        limit $2
      ) returning trace_id
    ),
    spans as (delete from open_span using gone where open_span.trace_id = gone.trace_id),
    watches as (delete from trace_watch using gone where trace_watch.trace_id = gone.trace_id),
    findings as (delete from finding using gone where finding.trace_id = gone.trace_id)
    select trace_id from gone`,
  // Findings of no trace: about a process, a connection, a service.
  finding: `
    delete from finding where id in (
      select old.id from project
      cross join lateral (
        select id from finding
        where project_id = project.id and opened_ms < $1 and last_evidence_ms < $1 and trace_id is null
        order by opened_ms limit $2
      ) old
      limit $2
    )`,
  // What somebody said of a group is a decision and stays.
  finding_group: `
    delete from finding_group where id in (
      select id from finding_group
      where last_seen_ms < $1 and feedback is null and not exists (select from finding where group_id = finding_group.id)
      limit $2
    )`,
  connection: `
    with gone as (
      delete from connection where id in (
        select id from connection where opened_ms < $1 and closed_ms < $1 order by opened_ms limit $2
      ) returning id
    ),
    links as (delete from connection_process using gone where connection_id = gone.id)
    select id from gone`,
  process: `
    delete from process where id in (
      select old.id from project
      cross join lateral (
        select id from process where project_id = project.id and last_received_ms < $1 order by last_received_ms limit $2
      ) old
      limit $2
    )`,
  process_metric: `
    delete from process_metric where (process_id, name, attributes) in (
      select process_id, name, attributes from process_metric where received_ms < $1 order by received_ms limit $2
    )`,
  handshake: `
    delete from handshake where id in (
      select old.id from project
      cross join lateral (select id from handshake where project_id = project.id and at_ms < $1 order by at_ms limit $2) old
      limit $2
    )`,
  reject: "delete from reject where id in (select id from reject where at_ms < $1 order by at_ms limit $2)",
  ingest_minute: `
    delete from ingest_minute using (
      select old.* from project
      cross join lateral (
        select project_id, minute_ms, service from ingest_minute
        where project_id = project.id and minute_ms < $1 order by minute_ms limit $2
      ) old
      limit $2
    ) old
    where ingest_minute.project_id = old.project_id and ingest_minute.minute_ms = old.minute_ms and ingest_minute.service = old.service`,
  span_baseline: `
    delete from span_baseline where (project_id, service, name) in (
      select project_id, service, name from span_baseline where updated_ms < $1 limit $2
    )`,
  worker_habit: `
    delete from worker_habit where (project_id, service, parent, template) in (
      select project_id, service, parent, template from worker_habit where updated_ms < $1 limit $2
    )`,
  remote_parent_habit: `
    delete from remote_parent_habit where (project_id, service) in (
      select project_id, service from remote_parent_habit where updated_ms < $1 limit $2
    )`,
};

/** The bodies that a retry is recognised by: no SDK retries for an hour. */
const LEDGER = `
  delete from request_ledger where body_sha in (
    select body_sha from request_ledger where received_ms < $1 order by received_ms limit $2
  )`;

/**
 * Deletes what is older than `retentionDays`, and bodies in the ledger older than an hour. Bounded in one call; safe to call again at
 * once, from several processes, and to kill.
 * @returns how many partitions and rows went.
 */
export async function dropExpired(db: Db, nowMs: number, retentionDays: number): Promise<{ partitions: number; rows: number }> {
  const cutMs = nowMs - retentionDays * 24 * HOUR_MS;
  let rows = await deleteOld(db, LEDGER, nowMs - HOUR_MS);
  const partitions = await dropPartitions(db, nowMs, retentionDays);
  for (const statement of Object.values(EXPIRED)) rows += await deleteOld(db, statement, cutMs);
  return { partitions: partitions.length, rows };
}

async function deleteOld(db: Db, statement: string, cutMs: number): Promise<number> {
  let total = 0;
  for (let i = 0; i < STATEMENTS_MAX; i++) {
    const { rowCount } = await db.$client.query(statement, [cutMs, ROWS_PER_STATEMENT]);
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < ROWS_PER_STATEMENT) break;
  }
  return total;
}

import type { Transaction } from "./transaction";

export interface BaselineRow {
  projectId: number;
  service: string;
  name: string;
  count: number;
  /** Spans by bucket (lib/diagnosis/baseline). */
  buckets: Record<string, number>;
  /** lib/diagnosis/log-habit. */
  logSpans: number;
  withLogs: number;
  logCount: number;
  withoutInARow: number;
}

/** The baselines of these services and names, locked until the transaction ends. */
export async function lockBaselines(
  tx: Transaction,
  keys: readonly { projectId: number; service: string; name: string }[],
): Promise<BaselineRow[]> {
  const { rows } = await tx.query<BaselineRow>({
    name: "lock baselines",
    text: `select project_id as "projectId", service, name, closed_count::float8 as count, buckets, log_spans::float8 as "logSpans",
             with_logs::float8 as "withLogs", log_count::float8 as "logCount", without_in_a_row::float8 as "withoutInARow"
           from span_baseline
           where (project_id, service, name) in (select * from unnest($1::int4[], $2::text[], $3::text[]))
           order by project_id, service, name for update`,
    values: [keys.map((key) => key.projectId), keys.map((key) => key.service), keys.map((key) => key.name)],
  });
  return rows;
}

export async function writeBaselines(tx: Transaction, rows: readonly BaselineRow[], nowMs: number): Promise<void> {
  if (rows.length === 0) return;
  await tx.query({
    name: "write baselines",
    text: `insert into span_baseline
             (project_id, service, name, closed_count, buckets, log_spans, with_logs, log_count, without_in_a_row, updated_ms)
           select project_id, service, name, count, buckets::jsonb, log_spans, with_logs, log_count, without_in_a_row, $10::int8
           from unnest($1::int4[], $2::text[], $3::text[], $4::int8[], $5::text[], $6::int8[], $7::int8[], $8::int8[], $9::int8[])
             as seen (project_id, service, name, count, buckets, log_spans, with_logs, log_count, without_in_a_row)
           order by project_id, service, name
           on conflict (project_id, service, name) do update set
             closed_count = excluded.closed_count, buckets = excluded.buckets, log_spans = excluded.log_spans,
             with_logs = excluded.with_logs, log_count = excluded.log_count, without_in_a_row = excluded.without_in_a_row,
             updated_ms = excluded.updated_ms`,
    values: [
      rows.map((row) => row.projectId),
      rows.map((row) => row.service),
      rows.map((row) => row.name),
      rows.map((row) => row.count),
      rows.map((row) => JSON.stringify(row.buckets)),
      rows.map((row) => row.logSpans),
      rows.map((row) => row.withLogs),
      rows.map((row) => row.logCount),
      rows.map((row) => row.withoutInARow),
      nowMs,
    ],
  });
}

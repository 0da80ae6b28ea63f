import type { Db } from "@/db/client";

/** How the parts of Spanwatch that leave traces in the database are doing. */
export interface PartsRow {
  /** Whether span_record and log_record have a partition for this moment and for 12 hours from now. */
  hasPartitions: boolean;
  /** Until when somebody holds the scheduler's lease, in ms from now; null when nobody ever did. */
  schedulerLeaseMs: number | null;
  /** Age of the oldest arrival that the scheduler has not consumed, ms; 0 when there is none. */
  oldestArrivalMs: number;
}

/** One question for all of GET /api/health that is in the database. */
export async function readParts(db: Db, schedulerLease: string, nowMs: number): Promise<PartsRow> {
  const { rows } = await db.$client.query<PartsRow>(
    `select
       (select count(*) = 4
        from (values ('span_record'), ('log_record')) as parent (name),
             (values ($2::int8), ($2::int8 + 43200000)) as moment (ms)
        where exists (
          select from pg_inherits
          join pg_class on pg_class.oid = inhrelid
          cross join lateral regexp_match(pg_get_expr(relpartbound, pg_class.oid), 'FROM \\(''(-?\\d+)''\\) TO \\(''(-?\\d+)''\\)') as bound
          where inhparent = parent.name::regclass and moment.ms >= bound[1]::int8 and moment.ms < bound[2]::int8
        )) as "hasPartitions",
       (select (extract(epoch from until - now()) * 1000)::float8 from lease where name = $1) as "schedulerLeaseMs",
       (select coalesce(greatest(0, $2::int8 - min(at_ms)), 0)::float8 from arrival) as "oldestArrivalMs"`,
    [schedulerLease, nowMs],
  );
  return rows[0] as PartsRow;
}

/** Open findings of a project by kind, severity and certainty. */
export async function countOpenFindings(db: Db, projectId: number) {
  const { rows } = await db.$client.query<{ kind: string; severity: string; certainty: string; count: number }>(
    `select kind, severity, certainty, count(*)::int4 as count
     from finding where project_id = $1 and state = 'open' group by kind, severity, certainty`,
    [projectId],
  );
  return rows;
}

/** Open and missing spans of a project by state. */
export async function countOpenSpans(db: Db, projectId: number) {
  const { rows } = await db.$client.query<{ state: string; count: number }>(
    "select state, count(*)::int4 as count from open_span where project_id = $1 group by state",
    [projectId],
  );
  return rows;
}

/** Traces first received since a moment. */
export async function countTracesSince(db: Db, projectId: number, sinceMs: number): Promise<number> {
  const { rows } = await db.$client.query<{ count: number }>(
    "select count(*)::int4 as count from trace where project_id = $1 and first_received_ms >= $2",
    [projectId, sinceMs],
  );
  return rows[0]?.count ?? 0;
}

/** What was taken in, by minute, from a minute on. */
export async function listIngestMinutes(db: Db, projectId: number, fromMinuteMs: number) {
  const { rows } = await db.$client.query<{ minuteMs: number; spans: number; logs: number; rejected: number }>(
    `select minute_ms::float8 as "minuteMs", sum(spans)::float8 as spans, sum(logs)::float8 as logs, sum(rejected)::float8 as rejected
     from ingest_minute where project_id = $1 and minute_ms >= $2 group by minute_ms order by minute_ms`,
    [projectId, fromMinuteMs],
  );
  return rows;
}

/** The trace that came first of all that are kept, or null. */
export async function findFirstTraceId(db: Db, projectId: number): Promise<string | null> {
  const { rows } = await db.$client.query<{ traceId: string }>(
    `select replace(trace_id::text, '-', '') as "traceId" from trace
     where project_id = $1 order by first_received_ms, trace_id limit 1`,
    [projectId],
  );
  return rows[0]?.traceId ?? null;
}

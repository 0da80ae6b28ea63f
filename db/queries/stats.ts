import type { Db } from "@/db/client";
import { readRows } from "./prepared";

interface Range {
  projectId: number;
  /** Unix ms; `fromMs` is where the first bucket begins. */
  fromMs: number;
  toMs: number;
  bucketMs: number;
}

/** What came in, by bucket (0 = the first); buckets in which nothing came are left out. */
export function listIngestByBucket(db: Db, { projectId, fromMs, toMs, bucketMs }: Range) {
  return readRows<{ bucket: number; spans: number; logs: number; errors: number; rejected: number }>(
    db,
    "ingest by bucket",
    `select ((minute_ms - $2::int8) / $4::int8)::int4 as bucket, sum(spans)::float8 as spans, sum(logs)::float8 as logs,
       sum(errors)::float8 as errors, sum(rejected)::float8 as rejected
     from ingest_minute where project_id = $1 and minute_ms >= $2 and minute_ms < $3 group by bucket`,
    [projectId, fromMs, toMs, bucketMs],
  );
}

/**
 * Findings by family and by the bucket in which their trace began to arrive (or they opened, where they have none), so that a list of the
 * traces of that time has them; those that were retracted left out. No finding is older than its trace.
 */
export function countFindingsByBucket(db: Db, { projectId, fromMs, toMs, bucketMs }: Range) {
  return readRows<{ bucket: number; family: string; count: number }>(
    db,
    "findings by bucket",
    `select ((began_ms - $2::int8) / $4::int8)::int4 as bucket, family, count(*)::int4 as count
     from (
       select family, coalesce(trace.first_received_ms, finding.opened_ms) as began_ms
       from finding left join trace on trace.trace_id = finding.trace_id
       where finding.project_id = $1 and finding.opened_ms >= $2 and state <> 'retracted') as found
     where began_ms >= $2 and began_ms < $3 group by bucket, family`,
    [projectId, fromMs, toMs, bucketMs],
  );
}

/** Open spans by age now: the index of the youngest of `ages` (ms, ascending) that each has reached. */
export function countOpenSpansByAge(db: Db, projectId: number, nowMs: number, ages: readonly number[]) {
  return readRows<{ age: number; count: number }>(
    db,
    "open spans by age",
    `select greatest(width_bucket(($2::int8 - start_ms)::float8, $3::float8[]) - 1, 0) as age, count(*)::int4 as count
     from open_span where project_id = $1 and state <> 'missing' group by age`,
    [projectId, nowMs, ages],
  );
}

/**
 * The services that sent something in a range, with what is wrong with them now; the worst first, then those that sent most.
 * @param parts into how many equal parts of the range their spans are counted: `sent`, the parts in which nothing came left out.
 */
export function listServices(db: Db, { projectId, fromMs, toMs }: Omit<Range, "bucketMs">, parts: number, limit: number) {
  return readRows<{
    service: string;
    spans: number;
    errors: number;
    findings: number;
    openSpans: number;
    sent: { part: number; spans: number }[];
  }>(
    db,
    "services",
    `with sent as (
       select service, least((minute_ms - $2::int8) * $4::int8 / greatest($3::int8 - $2::int8, 1), $4 - 1)::int4 as part,
         sum(spans)::float8 as spans, sum(errors)::float8 as errors
       from ingest_minute where project_id = $1 and minute_ms >= $2 and minute_ms < $3 group by 1, 2),
     found as (select service, count(*)::int4 as findings from finding where project_id = $1 and state = 'open' group by service),
     opened as (
       select service, count(*)::int4 as open_spans from open_span where project_id = $1 and state <> 'missing' group by service)
     select sent.service, sum(spans)::float8 as spans, sum(errors)::float8 as errors,
       json_agg(json_build_object('part', part, 'spans', spans)) as sent,
       coalesce(max(findings), 0) as findings, coalesce(max(open_spans), 0) as "openSpans"
     from sent left join found using (service) left join opened using (service)
     group by sent.service order by coalesce(max(findings), 0) desc, sum(spans) desc, sent.service limit $5`,
    [projectId, fromMs, toMs, parts, limit],
  );
}

/** What there is in all: traces that began to arrive in the range, what is open now. */
export async function countTotals(db: Db, { projectId, fromMs, toMs }: Omit<Range, "bucketMs">) {
  const rows = await readRows<{ traces: number; openFindings: number; openSpans: number }>(
    db,
    "totals",
    `select
       (select count(*)::int4 from trace where project_id = $1 and first_received_ms >= $2 and first_received_ms < $3) as traces,
       (select count(*)::int4 from finding where project_id = $1 and state = 'open') as "openFindings",
       (select count(*)::int4 from open_span where project_id = $1 and state <> 'missing') as "openSpans"`,
    [projectId, fromMs, toMs],
  );
  return rows[0] as { traces: number; openFindings: number; openSpans: number };
}

import type { Db } from "@/db/client";
import type { SpanId, TraceId } from "@/lib/otel/ids";
import { readRows, readTuples } from "./prepared";

/** A span that is open or missing now, as the scheduler last saw it. */
export interface OpenSpanRow {
  traceId: TraceId;
  spanId: SpanId;
  processId: string;
  service: string;
  name: string;
  state: "ongoing" | "stale" | "abandoned" | "missing";
  startNs: string;
  startMs: number;
  lastActivityMs: number;
  callSite: string | null;
  /** The open finding that begins with this span, the worst first, or null. */
  findingId: string | null;
}

/** Where a list goes on: after this span. */
export interface OpenSpanPlace {
  startMs: number;
  traceId: TraceId;
  spanId: SpanId;
}

/** A page of a project's open spans, the oldest first. */
export function listOpenSpans(
  db: Db,
  page: {
    projectId: number;
    service: string | null;
    state: string | null;
    startedBeforeMs: number | null;
    after: OpenSpanPlace | null;
    limit: number;
  },
): Promise<OpenSpanRow[]> {
  const { after } = page;
  return readRows<OpenSpanRow>(
    db,
    "open spans",
    `select trace_id as "traceId", span_id as "spanId", process_id as "processId", service, name, state, start_ns as "startNs",
       start_ms::float8 as "startMs", last_activity_ms::float8 as "lastActivityMs", call_site as "callSite", found.id as "findingId"
     from open_span
     left join lateral (
       select id from finding
       where finding.trace_id = open_span.trace_id and finding.project_id = open_span.project_id and finding.state in ('open', 'muted')
         and encode(open_span.span_id, 'hex') in (finding.span_ids[1], finding.missing_span_id)
       order by array_position(array['error', 'warning', 'info'], finding.severity), finding.id limit 1
     ) as found on true
     where project_id = $1 and ($2::text is null or service = $2) and ($3::text is null or state = $3)
       and ($4::int8 is null or start_ms <= $4)
       and ($5::int8 is null or (start_ms, trace_id, span_id) > ($5, $6::uuid, $7::bytea))
     order by start_ms, trace_id, span_id limit $8`,
    [
      page.projectId,
      page.service,
      page.state,
      page.startedBeforeMs,
      after?.startMs ?? null,
      after?.traceId ?? null,
      after === null ? null : Buffer.from(after.spanId, "hex"),
      page.limit,
    ],
  );
}

/** State of each open or missing span of a trace that the scheduler has looked at. */
export async function listOpenSpanStates(db: Db, projectId: number, traceId: TraceId): Promise<Map<SpanId, OpenSpanRow["state"]>> {
  const rows = await readTuples<[SpanId, OpenSpanRow["state"]]>(
    db,
    "open spans of a trace",
    "select span_id, state from open_span where trace_id = $1 and project_id = $2",
    [traceId, projectId],
  );
  return new Map(rows);
}

/** How many open spans each of these processes has; those without are not in the map. */
export async function countOpenSpansByProcess(db: Db, projectId: number, processIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await readTuples<[string, number]>(
    db,
    "open spans by process",
    `select process_id, count(*)::int4 from open_span
     where process_id = any($2::int8[]) and project_id = $1 and state <> 'missing' group by process_id`,
    [projectId, processIds],
  );
  return new Map(rows);
}

/** Whether closed spans of these services and names usually have logs (lib/diagnosis/log-habit); those that never had any are left out. */
export async function listLogHabits(db: Db, projectId: number, likes: readonly { service: string; name: string }[]) {
  const rows = await readTuples<[service: string, name: string, spans: number, withLogs: number, logs: number, withoutInARow: number]>(
    db,
    "log habits",
    `select service, name, log_spans::float8, with_logs::float8, log_count::float8, without_in_a_row::float8 from span_baseline
     where project_id = $1 and with_logs > 0 and (service, name) in (select * from unnest($2::text[], $3::text[]))`,
    [projectId, likes.map((like) => like.service), likes.map((like) => like.name)],
  );
  return rows.map(([service, name, spans, withLogs, logs, withoutInARow]) => ({ service, name, spans, withLogs, logs, withoutInARow }));
}

/** How long closed spans of these services and names usually were, as a sketch (lib/diagnosis/baseline); the unknown are left out. */
export async function listBaselines(db: Db, projectId: number, likes: readonly { service: string; name: string }[]) {
  const rows = await readRows<{ service: string; name: string; closedCount: number; buckets: Record<string, number> }>(
    db,
    "baselines",
    `select service, name, closed_count::float8 as "closedCount", buckets from span_baseline
     where project_id = $1 and (service, name) in (select * from unnest($2::text[], $3::text[]))`,
    [projectId, likes.map((like) => like.service), likes.map((like) => like.name)],
  );
  return rows.map((row) => ({
    ...row,
    buckets: new Map(Object.entries(row.buckets).map(([bucket, count]) => [Number(bucket), count])),
  }));
}

import { type Db, openDatabase } from "@/db/client";
import { makePartitions } from "@/db/partitions";
import { TracesQuery } from "@/lib/api/contract/traces";
import type { Context } from "@/lib/auth/context";
import { loadTrace } from "@/lib/traces/load-trace";
import { searchTraces } from "@/lib/traces/search-traces";

export interface ReadFigures {
  storedSpans: number;
  /** `loadTrace` of one of the stored traces (42 spans), warm, ms. */
  trace: Quantiles;
  /** `searchTraces`, the first page of 50, ms. */
  list: Quantiles;
  /** `loadTrace` of a trace of 10 000 spans: read, concluded, built and presented, ms. */
  large: Quantiles;
  /** The same of 100 000 spans, and for how long at most it kept the event loop from others, ms. */
  huge: Quantiles;
  hugeHeldUpMs: number;
  /** Table and indexes ÷ spans. */
  bytesPerSpan: number;
}
interface Quantiles {
  p50: number;
  p95: number;
}

interface Options {
  /** Migrated; what is measured is stored into it first. */
  databaseUrl: string;
  /** In traces of 42. */
  spans?: number;
  rounds?: number;
}

const SPANS_PER_TRACE = 42;
/** Traces that run at the same time, so that their spans lie between each other's. */
const TRACES_AT_ONCE = 500;
const DAYS = 8;
const DAY_MS = 86_400_000;
const LARGE = 10_000;
const HUGE = 100_000;

/** Stores a million spans by SQL, over a week of partitions, and measures what a page waits for, from the verbs it calls. */
export async function benchRead({ databaseUrl, spans = 1_000_000, rounds = 200 }: Options): Promise<ReadFigures> {
  const db = openDatabase(databaseUrl, { max: 10, statementTimeoutMs: 0, applicationName: "spanwatch bench" });
  try {
    const nowMs = Date.now();
    for (let day = 0; day < DAYS; day++) await makePartitions(db, nowMs - day * DAY_MS);
    const traces = Math.ceil(spans / SPANS_PER_TRACE / TRACES_AT_ONCE) * TRACES_AT_ONCE;
    await storeSenders(db, nowMs);
    await storeTraces(db, traces, nowMs);
    await storeTree(db, LARGE, nowMs);
    await storeTree(db, HUGE, nowMs);
    await db.$client.query("vacuum analyze");

    const ctx: Context = { db, viewer: { type: "local", projectId: 1 }, nowMs };
    const some = await listSomeTraceIds(db, rounds);
    const query = TracesQuery.parse({});
    return {
      storedSpans: traces * SPANS_PER_TRACE + LARGE + HUGE,
      trace: await measure(rounds, (i) => loadTrace(ctx, some[i % some.length] as string, "en")),
      list: await measure(rounds, () => searchTraces(ctx, query)),
      large: await measure(Math.max(10, rounds / 10), () => loadTrace(ctx, traceIdOf(LARGE), "en")),
      huge: await measure(3, () => loadTrace(ctx, traceIdOf(HUGE), "en")),
      hugeHeldUpMs: await longestHoldUp(() => loadTrace(ctx, traceIdOf(HUGE), "en")),
      bytesPerSpan: (await sizeOf(db, "span_record")) / (traces * SPANS_PER_TRACE + LARGE + HUGE),
    };
  } finally {
    await db.$client.end();
  }
}

const traceIdOf = (spans: number): string => spans.toString(16).padStart(32, "0");

/** Runs `run` once to warm up for every ten times that count, ms. */
async function measure(times: number, run: (i: number) => Promise<unknown>): Promise<Quantiles> {
  const ms: number[] = [];
  const warmUp = Math.ceil(times / 10);
  for (let i = 0; i < times + warmUp; i++) {
    const from = performance.now();
    await run(i);
    if (i >= warmUp) ms.push(performance.now() - from);
  }
  ms.sort((a, b) => a - b);
  return { p50: ms[Math.floor(ms.length * 0.5)] as number, p95: ms[Math.floor(ms.length * 0.95)] as number };
}

async function longestHoldUp(run: () => Promise<unknown>): Promise<number> {
  let longestMs = 0;
  let before = performance.now();
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - before);
    before = performance.now();
  }, 1);
  await run();
  clearInterval(timer);
  return longestMs;
}

async function listSomeTraceIds(db: Db, count: number): Promise<string[]> {
  const { rows } = await db.$client.query<{ id: string }>(
    "select replace(trace_id::text, '-', '') as id from trace where span_count = $1 order by md5(trace_id::text) limit $2",
    [SPANS_PER_TRACE, count],
  );
  return rows.map((row) => row.id);
}

async function sizeOf(db: Db, table: string): Promise<number> {
  const { rows } = await db.$client.query<{ bytes: number }>(
    "select sum(pg_total_relation_size(inhrelid))::float8 as bytes from pg_inherits where inhparent = $1::regclass",
    [table],
  );
  return rows[0]?.bytes ?? 0;
}

/** Eight processes, each with one connection. */
async function storeSenders(db: Db, nowMs: number): Promise<void> {
  await db.$client.query(
    `insert into process (id, project_id, service, pid, host, user_agent, resource_id, first_received_ms, last_received_ms)
     select i, 1, 'service-' || i, 1000 + i, 'host', 'OTel-OTLP-Exporter-Python/1.44.0', i, $1::int8 - 1000, $1 from generate_series(0, 7) as i`,
    [nowMs],
  );
  await db.$client.query(
    `insert into connection (id, protocol, peer, peer_port, opened_ms, ingest_id)
     select i, 'http', '10.0.0.1', i, $1::int8, 'bench' from generate_series(0, 7) as i`,
    [nowMs],
  );
  await db.$client.query("insert into connection_process select i, i, $1::int8, $1, 1 from generate_series(0, 7) as i", [nowMs]);
}

/** Ten attributes of a usual span, some 250 bytes of OTLP. */
const ATTRIBUTES = `decode(repeat('4a190a0a687474702e726f757465120b0a092f636172742f3a6964', 10), 'hex')`;
/** A row of span_record from `n` (of all), `trace` (uuid), `own` and `parent` (text that makes ids), `at_ms`, `start_ns`. */
const ROW = `at_ms, start_ns, start_ns + 5000000, n / 500, n % 8, n % 8, n % 8, 0, trace, 1, 256, 0, null, 0, 2, 0, 1 + n % 5,
  case when n % 97 = 0 then 2 else 0 end, substring(decode(md5(own), 'hex') for 8), substring(decode(md5(parent), 'hex') for 8),
  'service-' || n % 8, 'GET /cart/:id ' || n % 100, null, null, ${ATTRIBUTES}, null, null`;

async function storeTraces(db: Db, traces: number, nowMs: number): Promise<void> {
  const fromMs = nowMs - (DAYS - 1) * DAY_MS;
  const stepMs = ((DAYS - 1) * DAY_MS) / traces;
  await db.$client.query(
    `insert into span_record
     select ${ROW} from (
       select n, md5('t' || t)::uuid as trace, 's' || t || ' ' || k as own, case when k > 0 then 's' || t || ' ' || (k - 1) / 3 end as parent,
         ($2::float8 + t * $3::float8)::int8 as at_ms, ($2::float8 + t * $3::float8)::int8 * 1000000 + k * 1000000 as start_ns
       from (
         select n, n / ${SPANS_PER_TRACE * TRACES_AT_ONCE} * ${TRACES_AT_ONCE} + n % ${TRACES_AT_ONCE} as t,
           n % ${SPANS_PER_TRACE * TRACES_AT_ONCE} / ${TRACES_AT_ONCE} as k
         from generate_series(0, $1::int4 * ${SPANS_PER_TRACE} - 1) as n
       ) as numbered
     ) as made`,
    [traces, fromMs, stepMs],
  );
  await db.$client.query(
    `insert into trace (trace_id, project_id, first_received_ms, last_received_ms, start_ns, end_ns, span_count, error_count, root_service,
       root_name, services, settled_ms)
     select trace_id, 1, min(received_ms), max(received_ms), min(start_ns), max(end_ns), ${SPANS_PER_TRACE}, 0, 'service-1', 'GET /cart/:id',
       '{service-1,service-2}', max(received_ms) from span_record group by trace_id`,
  );
}

/** One trace of so many spans, four to each parent, in an order that is none. */
async function storeTree(db: Db, spans: number, nowMs: number): Promise<void> {
  await db.$client.query(
    `insert into span_record
     select ${ROW} from (
       select k as n, $1::uuid as trace, 'l' || k as own, case when k > 0 then 'l' || (k - 1) / 4 end as parent, $3::int8 as at_ms,
         $3::int8 * 1000000 + k * 100000::int8 as start_ns
       from generate_series(0, $2::int4 - 1) as k order by k * 7919::int8 % $2
     ) as made`,
    [traceIdOf(spans), spans, nowMs],
  );
  await db.$client.query(
    `insert into trace (trace_id, project_id, first_received_ms, last_received_ms, span_count, error_count, services)
     values ($1, 1, $2, $2, $3, 0, '{service-1}')`,
    [traceIdOf(spans), nowMs, spans],
  );
}

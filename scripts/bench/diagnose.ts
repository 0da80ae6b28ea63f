import type { ChildProcess } from "node:child_process";
import pg from "pg";
import { ask, cpuSecondsOf, postmasterOf, start, treeOf } from "./ingest";
import { sendOpenSpans } from "./open-spans";

export interface DiagnoseFigures {
  /** Spans that arrived at full ingest speed, and how fast. */
  spans: number;
  spansPerSecond: number;
  /** CPU of the scheduler for all of them ÷ CPU of ingest for the same, and both in µs a span. */
  cpuRatio: number;
  schedulerMicros: number;
  ingestMicros: number;
  /** CPU of the database for both together, µs a span. */
  databaseMicros: number;
  /** How long the scheduler's event loop was held up, ms. */
  tickP50Ms: number;
  tickP95Ms: number;
  /** From the last span until every trace had been looked at, beyond the settling time, ms. */
  lagMs: number;
  /** Memory of the scheduler with so many spans open, all looked at, bytes; and before. */
  openSpans: number;
  rssBytes: number;
  rssBeforeBytes: number;
}

interface Options {
  /** Migrated, with partitions for today; on this machine. */
  databaseUrl: string;
  httpPort: number;
  grpcPort: number;
  loadMs?: number;
  openSpans?: number;
}

const SETTLE_MS = 3_000;
const SENDERS = 16;
const LAG_MAX_MS = 300_000;

/** Ingest and scheduler, as `npm start` runs them, under the load of the ingest bench; then many spans that stay open. */
export async function benchDiagnose({
  databaseUrl,
  httpPort,
  grpcPort,
  loadMs = 15_000,
  openSpans = 100_000,
}: Options): Promise<DiagnoseFigures> {
  const env = { DATABASE_URL: databaseUrl, LOG_LEVEL: "warn", SPANWATCH_SETTLE_MS: String(SETTLE_MS) };
  const ingest = await start("../../lib/ingest/main.ts", { ...env, OTLP_HTTP_PORT: String(httpPort), OTLP_GRPC_PORT: String(grpcPort) });
  const scheduler = await start("../../lib/scheduler/main.ts", env, [new URL("loop-delay.mjs", import.meta.url).href]);
  const client = await start("ingest-client.ts", {});
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    const postmaster = await postmasterOf(databaseUrl);
    await ask(client, { protocol: "http", port: httpPort, connections: SENDERS, ms: 1_500 });
    await caughtUp(database);
    const before = await howIs(scheduler);

    const cpu = () => [scheduler, ingest].map(({ pid }) => cpuSecondsOf([pid as number])).concat(cpuSecondsOf(treeOf(postmaster)));
    const cpuBefore = cpu();
    const load = await ask(client, { protocol: "http", port: httpPort, connections: SENDERS, ms: loadMs });
    const lagMs = Math.max(0, (await caughtUp(database)) - SETTLE_MS);
    const micros = cpu().map((seconds, i) => ((seconds - (cpuBefore[i] as number)) / load.spans) * 1e6) as [number, number, number];
    const [schedulerMicros, ingestMicros, databaseMicros] = micros;
    const ticks = await howIs(scheduler);

    await sendOpenSpans(httpPort, openSpans);
    await untilOpen(database, openSpans);
    await caughtUp(database);
    const { rssBytes } = await howIs(scheduler);
    return {
      spans: load.spans,
      spansPerSecond: load.spans / load.seconds,
      cpuRatio: schedulerMicros / ingestMicros,
      schedulerMicros,
      ingestMicros,
      databaseMicros,
      tickP50Ms: ticks.p50Ms,
      tickP95Ms: ticks.p95Ms,
      lagMs,
      openSpans,
      rssBytes,
      rssBeforeBytes: before.rssBytes,
    };
  } finally {
    client.kill();
    await database.end();
    await Promise.all([scheduler, ingest].map(stop));
  }
}

function howIs(child: ChildProcess): Promise<{ p50Ms: number; p95Ms: number; rssBytes: number }> {
  return new Promise((resolve) => {
    child.once("message", (answer: { p50Ms: number; p95Ms: number; rssBytes: number }) => resolve(answer));
    child.send({ type: "how are you" });
  });
}

/** Waits until no arrival is untaken and no trace due. @returns for how long, ms. */
async function caughtUp(database: pg.Client): Promise<number> {
  const fromMs = Date.now();
  for (;;) {
    // What waits for its settling time is not yet due, and must be looked at before all is done.
    const { rows } = await database.query<{ left: number }>(
      "select (select count(*) from arrival)::int + (select count(*) from trace_watch where due_ms < $1)::int as left",
      [Date.now() + SETTLE_MS],
    );
    if (rows[0]?.left === 0) return Date.now() - fromMs;
    if (Date.now() - fromMs > LAG_MAX_MS) throw new Error(`the scheduler is ${rows[0]?.left} traces behind after ${LAG_MAX_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function untilOpen(database: pg.Client, count: number): Promise<void> {
  const untilMs = Date.now() + LAG_MAX_MS;
  for (;;) {
    const { rows } = await database.query<{ open: number }>("select count(*)::int as open from open_span");
    if ((rows[0]?.open ?? 0) >= count) return;
    if (Date.now() > untilMs) throw new Error(`${rows[0]?.open} of ${count} spans are known to be open`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

const stop = (child: ChildProcess) =>
  new Promise((resolve) => {
    child.once("exit", resolve);
    child.kill("SIGTERM");
  });

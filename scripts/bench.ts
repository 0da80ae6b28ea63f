import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openDatabase } from "@/db/client";
import { openDataDir } from "@/db/embedded/data-dir";
import { startEmbeddedPostgres } from "@/db/embedded/embedded-postgres";
import { migrate } from "@/db/migrate";
import { makePartitions } from "@/db/partitions";
import { freePorts } from "@/e2e/start-spanwatch";
import { benchDecode } from "./bench/decode";
import { benchDiagnose } from "./bench/diagnose";
import { benchIngest } from "./bench/ingest";
import { makeTracesRequest } from "./bench/payload";
import { benchRead } from "./bench/read";

// `npm run bench`: every figure that the product promises, each as a ratio to the raw limit of the same run on the same machine, or as a
// latency. Starts a database of its own in a temporary directory. On a machine that does other work too, believe the ratios only.
//
//   npm run bench -- [--only decode,ingest,diagnose,read] [--rounds 5] [--json]
const { values: options } = parseArgs({
  options: { only: { type: "string" }, rounds: { type: "string", default: "5" }, json: { type: "boolean", default: false } },
});
const rounds = Number(options.rounds);
const wanted = (name: string) => !options.only || options.only.split(",").includes(name);

interface Line {
  figure: string;
  value: string;
  range: string;
  promise: string;
  kept: boolean | null;
}
const lines: Line[] = [];
const results: Record<string, unknown> = {};

console.log(`${cpus()[0]?.model ?? "?"} × ${cpus().length}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}\n`);

if (wanted("decode")) {
  console.log("decoding …");
  const figures = await benchDecode({ rounds: Math.max(5, rounds) });
  results.decode = figures;
  const range = `${whole(figures.ours.least)}–${whole(figures.ours.most)} against ${whole(figures.protobufjs.least)}–${whole(figures.protobufjs.most)}`;
  promise("decode ÷ protobufjs", figures.ratio, `${range} spans per CPU second`, 8, "at least");
}
if (wanted("ingest")) await withDatabase(benchIngestInto);
if (wanted("diagnose")) await withDatabase(benchDiagnoseOf);
if (wanted("read")) await withDatabase(benchReadFrom);

if (options.json) console.log(JSON.stringify(results, null, 1));
const widths = [30, 14, 34] as const;
console.log("");
for (const { figure, value, range, promise: promised, kept } of lines) {
  const mark = kept === null ? " " : kept ? "✓" : "✗";
  console.log(`${mark} ${figure.padEnd(widths[0])}${value.padStart(widths[1])}   ${promised.padEnd(widths[2])} ${range}`);
}
process.exit(lines.some((line) => line.kept === false) ? 1 : 0);

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** A figure with a promise: at least or at most so much. */
function promise(figure: string, value: number, range: string, limit: number, side: "at least" | "at most", unit = ""): void {
  const text = value >= 1000 ? whole(value) : value.toFixed(2);
  const kept = side === "at least" ? value >= limit : value <= limit;
  lines.push({ figure, value: `${text}${unit}`, range, promise: `promised ${side} ${limit >= 1000 ? whole(limit) : limit}${unit}`, kept });
}

/** A figure that is told and promises nothing. */
function tell(figure: string, value: string, range = ""): void {
  lines.push({ figure, value, range, promise: "", kept: null });
}

async function benchIngestInto(databaseUrl: string): Promise<void> {
  console.log("writing …");
  const [httpPort = 0, grpcPort = 0] = await freePorts(2);
  const figures = await benchIngest({ databaseUrl, httpPort, grpcPort, rounds });
  results.ingest = figures;
  const range = (values: number[], digits = 0) => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return digits ? `${least.toFixed(digits)}–${most.toFixed(digits)}` : `${whole(least)}–${whole(most)}`;
  };
  promise(
    "HTTP ingest ÷ COPY BINARY",
    figures.ratio,
    range(
      figures.rounds.map((round) => round.http / round.copy),
      2,
    ),
    0.6,
    "at least",
  );
  tell("HTTP ingest", `${whole(figures.http)}/s`, `${range(figures.rounds.map((round) => round.http))} spans/s, answered after COMMIT`);
  tell("COPY BINARY of the same rows", `${whole(figures.copy)}/s`, `${range(figures.rounds.map((round) => round.copy))} spans/s`);
  promise(
    "spans per CPU second",
    figures.spansPerCpuSecond,
    `${range(figures.rounds.map((round) => round.spansPerCpuSecond))}, ingest and every process of the database`,
    37_000,
    "at least",
  );
  tell("answer under full load", `${figures.ackP50Ms.toFixed(0)} ms`, `median; 99th of 100: ${figures.ackP99Ms.toFixed(0)} ms`);
  await tellSize(databaseUrl);
  tell("gRPC ÷ HTTP", figures.grpcRatio.toFixed(2), `${whole(figures.grpc)} spans/s`);
}

/** Table and indexes of what the contestants have just stored, against the OTLP bytes that it came as. */
async function tellSize(databaseUrl: string): Promise<void> {
  const db = openDatabase(databaseUrl, { max: 1, statementTimeoutMs: 0, applicationName: "spanwatch bench" });
  const { rows } = await db.$client.query<{ bytes: number; spans: number }>(
    `select (select sum(pg_total_relation_size(inhrelid)) from pg_inherits where inhparent = 'span_record'::regclass)::float8 as bytes,
       (select count(*) from span_record)::float8 as spans`,
  );
  await db.$client.end();
  const { bytes = 0, spans = 1 } = rows[0] ?? {};
  const body = makeTracesRequest({ spans: 500, traces: 12, seed: 1, now: Date.now() });
  const [stored, sent] = [bytes / spans, body.length / 500];
  results.size = { bytesPerSpan: stored, otlpBytesPerSpan: sent };
  tell(
    "bytes per span",
    stored.toFixed(0),
    `table and indexes, of ${whole(spans)} spans; ${(stored / sent).toFixed(2)} × the ${sent.toFixed(0)} bytes of OTLP`,
  );
}

async function benchDiagnoseOf(databaseUrl: string): Promise<void> {
  console.log("diagnosing …");
  const [httpPort = 0, grpcPort = 0] = await freePorts(2);
  const figures = await benchDiagnose({ databaseUrl, httpPort, grpcPort });
  results.diagnose = figures;
  const { schedulerMicros, ingestMicros, databaseMicros } = figures;
  const micros = `${schedulerMicros.toFixed(1)} and ${ingestMicros.toFixed(1)} µs of CPU a span; the database for both ${databaseMicros.toFixed(1)}`;
  promise(
    "CPU of diagnosis ÷ of ingest",
    figures.cpuRatio,
    `${micros}; ${whole(figures.spans)} spans at ${whole(figures.spansPerSecond)}/s`,
    0.1,
    "at most",
  );
  promise("scheduler held up, 95th of 100", figures.tickP95Ms, `median ${figures.tickP50Ms.toFixed(1)} ms`, 10, "at most", " ms");
  promise("behind after the load", figures.lagMs / 1000, "until every trace was looked at, beyond the settling time", 5, "at most", " s");
  const mib = (bytes: number) => bytes / 2 ** 20;
  promise(
    `memory with ${whole(figures.openSpans)} spans open`,
    mib(figures.rssBytes),
    `of the scheduler; ${mib(figures.rssBeforeBytes).toFixed(0)} MiB before the load`,
    512,
    "at most",
    " MiB",
  );
}

async function benchReadFrom(databaseUrl: string): Promise<void> {
  console.log("reading …");
  const figures = await benchRead({ databaseUrl });
  results.read = figures;
  const { trace, list, large, huge } = figures;
  const among = `among ${whole(figures.storedSpans)} stored spans`;
  const p95 = (quantiles: { p95: number }) => `95th of 100: ${quantiles.p95.toFixed(1)} ms`;
  promise("trace by id, median", trace.p50, `${p95(trace)}, 42 spans ${among}`, 5, "at most", " ms");
  promise("list of traces, median", list.p50, `${p95(list)}, first page of 50 ${among}`, 10, "at most", " ms");
  promise("tree of 10 000 spans, median", large.p50, `${p95(large)}; read, concluded, built, presented`, 60, "at most", " ms");
  tell("tree of 100 000 spans", `${huge.p50.toFixed(0)} ms`, `others waited ${figures.hugeHeldUpMs.toFixed(0)} ms at most`);
}

/** Runs a database as `npm start` does, empty and migrated, for as long as `use` takes. */
async function withDatabase(use: (url: string) => Promise<void>): Promise<void> {
  const dataDir = await openDataDir(mkdtempSync(join(tmpdir(), "spanwatch-bench-")));
  const server = await startEmbeddedPostgres(dataDir);
  try {
    await migrate(server.url);
    const db = openDatabase(server.url, { max: 1, statementTimeoutMs: 0, applicationName: "spanwatch bench" });
    await makePartitions(db, Date.now());
    await db.$client.end();
    await use(server.url);
  } finally {
    await server.stop();
    dataDir.close();
    rmSync(dataDir.path, { recursive: true, force: true, maxRetries: 3 });
  }
}

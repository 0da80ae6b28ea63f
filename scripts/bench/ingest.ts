import { type ChildProcess, fork } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { CopyBuffer } from "@/db/copy-binary";
import { halvesOf } from "@/db/queries/records/row-context";
import { COPY_SPAN_RECORDS, encodeSpanRecords } from "@/db/queries/records/span-records";
import { type Copy, WriteConnection } from "@/db/write-connection";
import { decodeTraces } from "@/lib/otlp/protobuf";
import { makeTracesRequest } from "./payload";

/** Medians over the rounds; every contestant wrote the same spans into the same table of the same database, in turns. */
export interface IngestFigures {
  /** OTLP/HTTP, answered after COMMIT, spans per second. */
  http: number;
  /** COPY BINARY of rows made beforehand, committed 5 000 at a time on as many connections, spans per second. */
  copy: number;
  /** http ÷ copy. */
  ratio: number;
  /** Spans per CPU second of ingest and every process of the database server together, over HTTP. */
  spansPerCpuSecond: number;
  /** From the first byte of a request to its answer, under full load. */
  ackP50Ms: number;
  ackP99Ms: number;
  /** The same spans over gRPC, spans per second, and its share of http. */
  grpc: number;
  grpcRatio: number;
  rounds: { http: number; copy: number; grpc: number; spansPerCpuSecond: number }[];
}

interface Options {
  /** Migrated, with partitions for today; on this machine, for its CPU time is read from /proc. */
  databaseUrl: string;
  httpPort: number;
  grpcPort: number;
  rounds?: number;
  roundMs?: number;
  senders?: number;
}

const SPANS = 500;
const SPANS_PER_COMMIT = 5_000;
const WRITERS = 2;
const TICKS_PER_SECOND = 100;

export async function benchIngest({
  databaseUrl,
  httpPort,
  grpcPort,
  rounds = 3,
  roundMs = 6_000,
  senders = 32,
}: Options): Promise<IngestFigures> {
  const ingest = await start("../../lib/ingest/main.ts", {
    DATABASE_URL: databaseUrl,
    OTLP_HTTP_PORT: String(httpPort),
    OTLP_GRPC_PORT: String(grpcPort),
    LOG_LEVEL: "warn",
    SPANWATCH_ROLE: "ingest",
  });
  const client = await start("ingest-client.ts", {});
  try {
    const database = await postmasterOf(databaseUrl);
    const cpuSeconds = () => cpuSecondsOf([ingest.pid as number, ...treeOf(database)]);
    const send = (protocol: "http" | "grpc", ms: number) =>
      ask(client, { protocol, port: protocol === "http" ? httpPort : grpcPort, connections: senders, ms });
    await send("http", 1_500);
    const results: (IngestFigures["rounds"][number] & { p50Ms: number; p99Ms: number })[] = [];
    for (let round = 0; round < rounds; round++) {
      await startEven(databaseUrl);
      const copy = await copyFor(databaseUrl, roundMs);
      await startEven(databaseUrl);
      const cpuBefore = cpuSeconds();
      const overHttp = await send("http", roundMs);
      const spansPerCpuSecond = overHttp.spans / (cpuSeconds() - cpuBefore);
      await startEven(databaseUrl);
      const overGrpc = await send("grpc", roundMs / 2);
      results.push({
        http: overHttp.spans / overHttp.seconds,
        copy,
        grpc: overGrpc.spans / overGrpc.seconds,
        spansPerCpuSecond,
        p50Ms: overHttp.p50Ms,
        p99Ms: overHttp.p99Ms,
      });
    }
    const median = (read: (result: (typeof results)[number]) => number) =>
      results.map(read).sort((a, b) => a - b)[results.length >> 1] as number;
    return {
      http: median((result) => result.http),
      copy: median((result) => result.copy),
      ratio: median((result) => result.http / result.copy),
      spansPerCpuSecond: median((result) => result.spansPerCpuSecond),
      ackP50Ms: median((result) => result.p50Ms),
      ackP99Ms: median((result) => result.p99Ms),
      grpc: median((result) => result.grpc),
      grpcRatio: median((result) => result.grpc / result.http),
      rounds: results.map(({ http, copy, grpc, spansPerCpuSecond }) => ({ http, copy, grpc, spansPerCpuSecond })),
    };
  } finally {
    client.kill();
    await new Promise((resolve) => {
      ingest.once("exit", resolve);
      ingest.kill("SIGTERM");
    });
  }
}

/** A part of the product, or a sender, as a process of its own; resolves at its first message. */
export async function start(file: string, env: Record<string, string>, preload: string[] = []): Promise<ChildProcess> {
  const execArgv = ["tsx", ...preload].flatMap((module) => ["--import", module]);
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { execArgv, env: { ...process.env, ...env } });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`${file} ended with ${code}`)));
  });
  return child;
}

export function ask(client: ChildProcess, order: object): Promise<{ spans: number; seconds: number; p50Ms: number; p99Ms: number }> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("the sender ended"));
    client.once("exit", ended);
    client.once("message", (answer: Awaited<ReturnType<typeof ask>>) => {
      client.off("exit", ended);
      resolve(answer);
    });
    client.send(order);
  });
}

/** An empty table and nothing left to be written to disk: whoever comes second must not pay for what the first has left in memory. */
async function startEven(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query("truncate span_record, arrival");
  await client.query("checkpoint");
  await client.end();
}

/** What the table takes at most: the same rows, encoded beforehand, through the same number of connections. */
async function copyFor(databaseUrl: string, ms: number): Promise<number> {
  const rows = Array.from({ length: SPANS_PER_COMMIT / SPANS }, (_, i) => encodedRows(i + 1));
  const untilMs = Date.now() + ms;
  const beganMs = performance.now();
  const spans = await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      const connection = await WriteConnection.open({
        connectionString: databaseUrl,
        applicationName: "spanwatch bench",
        connectTimeoutMs: 5_000,
        session: ["set synchronous_commit = on"],
      });
      let written = 0;
      while (Date.now() < untilMs) {
        await connection.begin([copyOf(rows, writer * 1e9 + written)]);
        await connection.commit();
        written += SPANS_PER_COMMIT;
      }
      await connection.end();
      return written;
    }),
  );
  return spans.reduce((sum, one) => sum + one, 0) / ((performance.now() - beganMs) / 1000);
}

/** One request's rows as COPY data, and where their trace ids stand. */
function encodedRows(seed: number): { data: Buffer; traceIdAt: number[] } {
  const batch = decodeTraces(makeTracesRequest({ spans: SPANS, traces: 12, seed, now: Date.now() }));
  const out = new CopyBuffer();
  const id = halvesOf(BigInt(seed) << 32n);
  const context = {
    projectId: 1,
    received: halvesOf(BigInt(Date.now())),
    requestId: id,
    connectionId: id,
    resources: batch.resources.map(({ service }) => ({ resourceId: id, processId: id, service: Buffer.from(service) })),
    scopeIds: batch.scopes.map(() => id),
  };
  const pieces: Buffer[] = [];
  for (let row = 0; row < batch.spans.count; ) {
    row = encodeSpanRecords(out, batch, context, row);
    pieces.push(Buffer.from(out.take().subarray(5)));
  }
  const data = Buffer.concat(pieces);
  const { bytes, spans } = batch;
  const traceIdAt: number[] = [];
  for (let i = 0, from = 0; i < spans.count; i++) {
    const at = spans.traceIdAt[i] as number;
    from = data.indexOf(bytes.subarray(at, at + 16), from);
    traceIdAt.push(from);
    from += 16;
  }
  return { data, traceIdAt };
}

function copyOf(rows: ReturnType<typeof encodedRows>[], salt: number): Copy {
  let next = 0;
  return {
    copy: COPY_SPAN_RECORDS,
    fill(out) {
      const { data, traceIdAt } = rows[next++] as (typeof rows)[number];
      for (const at of traceIdAt) data.writeUInt32BE((salt + next) >>> 0, at + 4);
      out.raw(data);
      return next < rows.length;
    },
  };
}

/** The server process behind a database address on this machine. */
export async function postmasterOf(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const postmaster = Number(statOf(rows[0]?.pid as number)?.[1]);
  await client.end();
  return postmaster;
}

/** The fields of /proc/<pid>/stat behind the name: state, parent, … */
function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/** A process and its children. */
export function treeOf(parent: number): number[] {
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return [parent, ...pids.filter((pid) => Number(statOf(pid)?.[1]) === parent)];
}

/** User and system time, of children that have ended too. */
export function cpuSecondsOf(pids: number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = statOf(pid);
    if (stat) ticks += [11, 12, 13, 14].reduce((sum, field) => sum + Number(stat[field]), 0);
  }
  return ticks / TICKS_PER_SECOND;
}

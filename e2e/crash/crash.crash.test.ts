import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clusterName } from "@/db/embedded/cluster";
import { openDataDir } from "@/db/embedded/data-dir";
import { startEmbeddedPostgres } from "@/db/embedded/embedded-postgres";
import { listClusterProcesses } from "@/db/embedded/process-table";
import { prepareDatabase } from "@/db/testing/prepare-database";
import { readConfig } from "@/lib/config";
import { startIngest } from "@/lib/ingest/start-ingest";
import { freePorts } from "../start-spanwatch";
import { ended, query, startDatabase, startIngestProcess } from "./processes";

const ROUNDS = Number(process.env.SPANWATCH_CRASH_ROUNDS ?? 12);
const VICTIMS = ["ingest", "the database", "one connection of the database", "everything"] as const;
const SPANS_PER_REQUEST = 20;
const SENDERS = 6;

let dir: string;
let port: number;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "spanwatch-crash-"));
  chmodSync(dir, 0o711);
  [port = 0] = await freePorts(1);
});
afterEach(() => {
  for (const pid of databaseProcesses()) kill(pid);
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

test(`every span that was acknowledged is there after ${ROUNDS} rounds of kill -9 under load`, async () => {
  let database = await startDatabase(dir);
  await prepareDatabase(database.url);
  let ingest = await startIngestProcess(database.url, port);
  const acknowledged: string[] = [];
  const tally: string[] = [];

  for (let round = 0; round < ROUNDS; round++) {
    const victim = VICTIMS[round % VICTIMS.length] ?? "everything";
    const load = startLoad();
    await sleep(50 + Math.random() * 950);
    if (victim === "ingest" || victim === "everything") ingest.kill("SIGKILL");
    if (victim === "everything") database.child.kill("SIGKILL");
    if (victim === "the database" || victim === "everything") for (const pid of databaseProcesses()) kill(pid);
    if (victim === "one connection of the database") kill(await pickWriter(database.url));
    // The load goes on over the gap: what it gets then are refusals, and requests cut off in the middle.
    await sleep(100);
    if (victim === "everything") {
      await ended(database.child);
      database = await startDatabase(dir);
    }
    await untilConnectable(database.url);
    if (victim === "ingest" || victim === "everything") {
      await ended(ingest);
      ingest = await startIngestProcess(database.url, port);
    }
    await sleep(100);
    const { spanIds, refused } = await load.stop();
    acknowledged.push(...spanIds);
    tally.push(`${victim}: ${spanIds.length} acknowledged, ${refused} requests not`);
  }

  process.stdout.write(`${tally.join("\n")}\n`);
  const stored = await storedSpanIds(database.url);
  process.stdout.write(`${acknowledged.length} spans acknowledged, ${acknowledged.filter((id) => !stored.has(id)).length} lost\n`);
  expect(acknowledged.length).toBeGreaterThan(ROUNDS * SPANS_PER_REQUEST);
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect(await damagedIndexes(database.url)).toEqual([]);
  ingest.kill("SIGKILL");
  database.child.kill("SIGKILL");
  await ended(database.child);
});

test("the same without synchronous_commit loses some: the test above would see a loss", async () => {
  const dataDir = await openDataDir(dir);
  // The server writes its log down every ten seconds instead of at each commit, and dies sooner.
  const server = await startEmbeddedPostgres(dataDir, {
    overrides: { synchronous_commit: "off", wal_writer_delay: "10s", wal_writer_flush_after: "1GB" },
  });
  await prepareDatabase(server.url);
  // What was prepared is not what is to be lost.
  await query(server.url, "checkpoint");
  const config = readConfig({
    ...process.env,
    OTLP_HTTP_PORT: String(port),
    OTLP_GRPC_PORT: String((await freePorts(1))[0]),
    DATA_DIR: dir,
  });
  const ingest = await startIngest({ config, databaseUrl: server.url, synchronousCommit: "off" });
  const load = startLoad();
  while (load.acknowledged() < 10 * SPANS_PER_REQUEST) await sleep(20);
  for (const pid of databaseProcesses()) kill(pid);
  const { spanIds } = await load.stop();
  await untilConnectable(server.url);
  const stored = await storedSpanIds(server.url);
  const lost = spanIds.filter((id) => !stored.has(id));
  process.stdout.write(`${spanIds.length} spans acknowledged, ${lost.length} lost\n`);
  await ingest.close();
  await server.stop();
  dataDir.close();
  expect(lost.length).toBeGreaterThan(0);
});

/** Sends requests of spans with ids of their own, over several connections, until `stop`. */
function startLoad() {
  const spanIds: string[] = [];
  let refused = 0;
  let stopped = false;
  const senders = Array.from({ length: SENDERS }, async () => {
    while (!stopped) {
      const ids = Array.from({ length: SPANS_PER_REQUEST }, () => randomBytes(8).toString("hex"));
      if (await send(ids)) {
        spanIds.push(...ids);
      } else {
        refused++;
        await sleep(20);
      }
    }
  });
  return {
    acknowledged: () => spanIds.length,
    stop: async () => {
      stopped = true;
      await Promise.all(senders);
      return { spanIds, refused };
    },
  };
}

/** Whether all of them were acknowledged: 200, and no word of a rejected one. */
async function send(spanIds: string[]): Promise<boolean> {
  const nowNs = `${Date.now()}000000`;
  const traceId = randomBytes(16).toString("hex");
  const spans = spanIds.map((spanId) => ({ traceId, spanId, name: "load", kind: 1, startTimeUnixNano: nowNs, endTimeUnixNano: nowNs }));
  const body = {
    resourceSpans: [{ resource: { attributes: [{ key: "service.name", value: { stringValue: "load" } }] }, scopeSpans: [{ spans }] }],
  };
  try {
    const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const answer = (await response.json()) as { partialSuccess?: { rejectedSpans?: string | number } };
    return response.ok && Number(answer.partialSuccess?.rejectedSpans ?? 0) === 0;
  } catch {
    return false;
  }
}

async function untilConnectable(url: string): Promise<void> {
  while ((await query(url, "select 1").catch(() => null)) === null) await sleep(50);
}

async function pickWriter(url: string): Promise<number> {
  const rows = await query(
    url,
    "select pid from pg_stat_activity where application_name like 'spanwatch ingest%' order by random() limit 1",
  );
  return Number(rows[0]?.pid);
}

async function storedSpanIds(url: string): Promise<Set<string>> {
  return new Set((await query(url, "select encode(span_id, 'hex') as id from span_record")).map((row) => String(row.id)));
}

/** What PostgreSQL's own check of b-trees has to say. */
async function damagedIndexes(url: string): Promise<string[]> {
  await query(url, "create extension if not exists amcheck");
  const indexes = await query(
    url,
    "select indexrelid::regclass::text as name from pg_index join pg_class on pg_class.oid = indexrelid join pg_am on pg_am.oid = relam where amname = 'btree' and relkind = 'i' and relpersistence = 'p'",
  );
  const damaged: string[] = [];
  for (const { name } of indexes)
    await query(url, "select bt_index_check($1::regclass, true)", [name]).catch((error: Error) => damaged.push(error.message));
  return damaged;
}

function databaseProcesses(): number[] {
  try {
    return listClusterProcesses(clusterName(join(dir, "postgres/data")));
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Ended meanwhile.
  }
}

import type { ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { prepareDatabase } from "@/db/testing/prepare-database";
import { seeded } from "@/lib/testing/captures/vary-capture";
import { freePorts } from "../start-spanwatch";
import { ended, query, startDatabase, startIngestProcess, startPart } from "./processes";
import { FATES, sendProgram } from "./traffic";

const KILLS = 12;
const SEED = 5;
const SETTLE_MS = 2_000;
const AT_ONCE = 4;
/** Until all is judged: the settling time, what a batch may be late, the seconds a process may stay away; and a machine that is busy. */
const JUDGED_WITHIN_MS = 90_000;

let dir: string;
let children: ChildProcess[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "spanwatch-crash-"));
  chmodSync(dir, 0o711);
});
afterEach(async () => {
  const [database, ...others] = children;
  for (const child of others) child.kill("SIGKILL");
  await Promise.all(others.map(ended));
  database?.kill("SIGTERM");
  if (database) await ended(database);
  children = [];
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

test(`a scheduler that is killed ${KILLS} times while telemetry arrives finds what one finds that is not, none twice and none less`, async () => {
  const started = await startDatabase(dir);
  children.push(started.child);
  const [spared, killed] = [await databaseFor(started.url, "spared"), await databaseFor(started.url, "killed")];
  const ports = await freePorts(2);
  for (const [i, url] of [spared, killed].entries()) children.push(await startIngestProcess(url, ports[i] as number));
  children.push(await startScheduler(spared));

  const random = seeded(SEED);
  const traffic = startTraffic(ports, random);
  for (let kill = 0; kill < KILLS; kill++) {
    const scheduler = await startScheduler(killed);
    children.push(scheduler);
    // In its first moments it takes up what is left of the last one.
    await sleep(20 + random() * (kill % 2 === 0 ? 300 : 2_500));
    scheduler.kill("SIGKILL");
    await ended(scheduler);
    // Its hold on the work would run out by itself, seconds later.
    await query(killed, "update lease set until = now()");
  }
  children.push(await startScheduler(killed));
  const traces = await traffic.stop();

  const [without, withKills] = [await judged(spared, traces), await judged(killed, traces)];
  process.stdout.write(`${traces.length} traces, ${without.length} findings, ${KILLS} kills\n`);
  expect(without.length).toBeGreaterThan(traces.length / 2);
  expect(withKills).toEqual(without);
  expect(await groups(killed)).toEqual(await groups(spared));
});

/** Programs of every fate, a few at once, until `stop`, which lets those that run end. */
function startTraffic(ports: readonly number[], random: () => number) {
  const traces: string[] = [];
  let isStopped = false;
  let number = 0;
  const senders = Array.from({ length: AT_ONCE }, async () => {
    while (!isStopped) {
      const own = number++;
      const fate = FATES[own % FATES.length] as (typeof FATES)[number];
      traces.push(await sendProgram(fate, own, ports, random));
    }
  });
  return {
    stop: async () => {
      isStopped = true;
      await Promise.all(senders);
      return traces;
    },
  };
}

/** Every finding but those that only inform, whatever became of it, once all traces are settled and nothing more is due soon. */
async function judged(url: string, traces: readonly string[]): Promise<Record<string, unknown>[]> {
  const untilMs = Date.now() + JUDGED_WITHIN_MS;
  for (;;) {
    const [left] = await query(
      url,
      `select (select count(*) from arrival)::int as arrivals, (select count(*) from trace_watch where due_ms < $1)::int as due,
         (select count(*) from trace where settled_ms is not null)::int as settled`,
      [Date.now() + 15_000],
    );
    if (left?.arrivals === 0 && left.due === 0 && Number(left.settled) >= traces.length) break;
    if (Date.now() > untilMs) throw new Error(`not settled: ${JSON.stringify(left)} of ${traces.length}`);
    await sleep(500);
  }
  return query(
    url,
    `select kind, state, certainty, cause, count, replace(trace_id::text, '-', '') as trace, span_ids, missing_span_id
     from finding where severity <> 'info' order by trace, kind, missing_span_id, span_ids`,
  );
}

const groups = (url: string) =>
  query(
    url,
    "select id, kind, service, span_name, cause from finding_group where id in (select group_id from finding where severity <> 'info') order by id",
  );

async function databaseFor(serverUrl: string, name: string): Promise<string> {
  await query(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await prepareDatabase(url.href);
  return url.href;
}

const startScheduler = (url: string) => startPart("scheduler", { DATABASE_URL: url, SPANWATCH_SETTLE_MS: String(SETTLE_MS) });

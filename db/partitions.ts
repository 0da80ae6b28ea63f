import type pg from "pg";
import type { Db } from "./client";

const DAY_MS = 86_400_000;
/** Partitioned by `received_ms`, one partition a day. */
const PARTITIONED = ["span_record", "log_record", "request"] as const;
/** Yesterday for a clock that was set back, two days for a scheduler that does not run. */
const DAYS_BEHIND = 1;
const DAYS_AHEAD = 2;
const LOCK = 7_415_926_536;

/**
 * Makes the partitions for the days around `nowMs`, so that none is missing when a day begins. Does nothing when they are there, so call
 * it often; safe to call from several processes at once.
 */
export async function makePartitions(db: Db, nowMs: number): Promise<void> {
  const today = Math.floor(nowMs / DAY_MS);
  const wanted = PARTITIONED.flatMap((parent) =>
    Array.from({ length: DAYS_BEHIND + 1 + DAYS_AHEAD }, (_, i) => ({ parent, day: today - DAYS_BEHIND + i })),
  );
  if ((await listMissing(db.$client, wanted)).length === 0) return;

  const client = await db.$client.connect();
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock($1)", [LOCK]);
    for (const { parent, day } of await listMissing(client, wanted)) {
      const name = partitionName(parent, day);
      // "create table … partition of" would lock the parent against the ingest that is going on; attaching an empty table does not.
      await client.query(`create table ${name} (like ${parent} including all)`);
      await client.query(`alter table ${parent} attach partition ${name} for values from (${day * DAY_MS}) to (${(day + 1) * DAY_MS})`);
    }
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

interface Partition {
  parent: (typeof PARTITIONED)[number];
  /** Days since 1970, UTC. */
  day: number;
}

/** `span_record_20261124`. */
function partitionName(parent: string, day: number): string {
  return `${parent}_${new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "")}`;
}

async function listMissing(client: pg.Pool | pg.PoolClient, wanted: Partition[]): Promise<Partition[]> {
  const { rows } = await client.query<{ child: string }>(
    "select inhrelid::regclass::text as child from pg_inherits where inhparent = any($1::regclass[])",
    [PARTITIONED],
  );
  const there = new Set(rows.map((row) => row.child));
  return wanted.filter(({ parent, day }) => !there.has(partitionName(parent, day)));
}

/**
 * Drops the partitions whose last moment is older than `retentionDays`, without holding up ingest. What a killed call left half done,
 * the next one finishes.
 * @returns the names of those dropped.
 */
export async function dropPartitions(db: Db, nowMs: number, retentionDays: number): Promise<string[]> {
  const firstDayKept = Math.floor(nowMs / DAY_MS) - retentionDays;
  const dropped: string[] = [];
  const client = await db.$client.connect();
  try {
    const { rows } = await client.query<{ held: boolean }>("select pg_try_advisory_lock($1) as held", [LOCK]);
    if (!rows[0]?.held) return [];
    for (const { parent, name, attached, detaching } of await listPartitions(client, firstDayKept)) {
      // Waits for the transactions that use the partition and lets new ones pass, unlike a plain detach.
      if (attached) await client.query(`alter table ${parent} detach partition ${name} ${detaching ? "finalize" : "concurrently"}`);
      await client.query(`drop table if exists ${name}`);
      dropped.push(name);
    }
    return dropped;
  } finally {
    await client.query("select pg_advisory_unlock($1)", [LOCK]).catch(() => {});
    client.release();
  }
}

interface OldPartition {
  parent: string;
  name: string;
  attached: boolean;
  detaching: boolean;
}

/** By name rather than by what is attached: one may have been detached by a call that was killed before it dropped it. */
async function listPartitions(client: pg.PoolClient, firstDayKept: number): Promise<OldPartition[]> {
  const { rows } = await client.query<OldPartition>(
    `select substring(relname from '^(.*)_[0-9]{8}$') as parent, relname as name,
            inhrelid is not null as attached, coalesce(inhdetachpending, false) as detaching
     from pg_class
     left join pg_inherits on inhrelid = pg_class.oid
     where relkind = 'r' and relnamespace = current_schema()::regnamespace
       and relname ~ ('^(' || array_to_string($1::text[], '|') || ')_[0-9]{8}$')
       and substring(relname from '[0-9]{8}$') < $2
     order by relname`,
    [PARTITIONED, partitionName("", firstDayKept).slice(1)],
  );
  return rows;
}

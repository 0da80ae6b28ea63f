import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { StartError } from "@/lib/errors";

const DIRECTORY = fileURLToPath(new URL("migrations/", import.meta.url));
const OLDEST_MAJOR = 15;
const NEWEST_MAJOR = 18;
/** Any number, as long as every Spanwatch on the database uses the same one. */
const LOCK = 7_415_926_535;

/**
 * Brings the database to this version's schema: runs the files of db/migrations that it has not seen, in order, each in a transaction of
 * its own with the row that records it. Safe to start ten times at once and to kill at any point: the lock ends with the transaction.
 * @returns the names of those that this call ran.
 * @throws StartError when the server is too old or too new, or the schema is newer than this version knows.
 */
export async function migrate(connectionString: string, directory: string = DIRECTORY): Promise<string[]> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000, application_name: "spanwatch migrate" });
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (cause) {
    throw new StartError(`The database cannot be reached: ${(cause as Error).message}.`, { cause });
  }
  try {
    checkServerVersion(...(await readServerVersion(client)));
    const known = readdirSync(directory)
      .filter((name) => name.endsWith(".sql"))
      .sort();
    const ran: string[] = [];
    for (let name = await runNext(client, directory, known); name; name = await runNext(client, directory, known)) ran.push(name);
    return ran;
  } finally {
    await client.end();
  }
}

async function readServerVersion(client: pg.Client): Promise<[number: number, name: string]> {
  const { rows } = await client.query<{ number: number; name: string }>(
    "select current_setting('server_version_num')::int as number, current_setting('server_version') as name",
  );
  return [rows[0]?.number ?? 0, rows[0]?.name ?? "unknown"];
}

/** @throws StartError when this version of PostgreSQL (`server_version_num`, such as 150008) is not one that we are tested on. */
export function checkServerVersion(number: number, name: string): void {
  const major = Math.floor(number / 10_000);
  if (major >= OLDEST_MAJOR && major <= NEWEST_MAJOR) return;
  throw new StartError(`The database is PostgreSQL ${name}: Spanwatch runs on ${OLDEST_MAJOR} to ${NEWEST_MAJOR}.`);
}

/** Runs the first migration that the database has not seen; null when there is none. */
async function runNext(client: pg.Client, directory: string, known: string[]): Promise<string | null> {
  await client.query("begin");
  try {
    await client.query("set local statement_timeout = 0");
    await client.query("set local lock_timeout = 0");
    await client.query("select pg_advisory_xact_lock($1)", [LOCK]);
    await client.query(`
      create table if not exists schema_migration (
        name text primary key,
        applied_at timestamptz not null default now()
      )`);
    const { rows } = await client.query<{ name: string }>("select name from schema_migration order by name");
    const applied = new Set(rows.map((row) => row.name));
    refuseNewer(applied, known);
    const next = known.find((name) => !applied.has(name)) ?? null;
    if (next) {
      await client.query(readFileSync(`${directory}/${next}`, "utf8"));
      await client.query("insert into schema_migration (name) values ($1)", [next]);
    }
    await client.query("commit");
    return next;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  }
}

function refuseNewer(applied: Set<string>, known: string[]): void {
  const unknown = [...applied].filter((name) => !known.includes(name)).at(-1);
  if (!unknown) return;
  throw new StartError(
    `The database was last used by a newer Spanwatch (its schema has ${unknown}, this one ends at ${known.at(-1)}): start that version.`,
  );
}

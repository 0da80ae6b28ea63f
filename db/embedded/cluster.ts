import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "@/lib/errors";
import { canReach, type Owner } from "./owner";
import { runProgram } from "./run-program";

export const SUPERUSER = "spanwatch";
const MAJOR = "18";

/**
 * A PostgreSQL cluster on disk:
 *
 *     DATA_DIR/postgres/          its owner's, 0700
 *       data/                     what PostgreSQL calls the data directory
 *       password                  of the superuser, 0600
 *       postgres.log
 *       .s.PGSQL.5432             the socket, while it runs
 */
export interface Cluster {
  dir: string;
  pgData: string;
  /** What `-D` is given. */
  pgDataArgument: string;
  /** In the command line of the server and the titles of its children. */
  name: string;
  password: string;
  owner: Owner | null;
  binDir: string;
}

/**
 * Opens the cluster in the data directory; makes it first when there is none. A half-made one from a start that was killed is made anew.
 * @throws StartError when it is of another major version, damaged, or somebody else's.
 */
export async function openCluster(dataDir: string, owner: Owner | null, binDir: string): Promise<Cluster> {
  const dir = join(dataDir, "postgres");
  const pgData = join(dir, "data");
  const password = join(dir, "password");
  if (!existsSync(pgData)) await makeCluster(dir, owner, binDir);
  checkVersion(dataDir, pgData);
  checkOwner(pgData, owner);
  if (!existsSync(password)) throw new StartError(`${password} is missing: put it back from a backup.`);
  return {
    dir,
    pgData,
    pgDataArgument: pgDataArgument(pgData, owner),
    name: clusterName(pgData),
    password: readFileSync(password, "utf8").trim(),
    owner,
    binDir,
  };
}

/** By the directory itself, not its path: one that runs is found again after its directory was moved. */
export function clusterName(pgData: string): string {
  const { dev, ino } = statSync(pgData);
  return `spanwatch-${dev}-${ino}`;
}

/**
 * Root's data may lie where the owner cannot go by path (below a home of mode 0700). A process may still use the directory it stands in,
 * and Node enters it as root before it becomes the owner; `/proc/self/cwd` names it for PostgreSQL, which wants an absolute path.
 */
function pgDataArgument(pgData: string, owner: Owner | null): string {
  if (canReach(pgData, owner)) return pgData;
  if (process.platform === "linux") return "/proc/self/cwd";
  throw new StartError(
    `DATA_DIR cannot be reached by the user ${owner?.name}, as which PostgreSQL runs: choose a directory outside of homes.`,
  );
}

async function makeCluster(dir: string, owner: Owner | null, binDir: string): Promise<void> {
  const draft = join(dir, "data.new");
  const password = join(dir, "password");
  try {
    makeDir(dir, owner);
    rmSync(draft, { recursive: true, force: true });
    makeDir(draft, owner);
    rmSync(password, { force: true });
    writeFileSync(password, randomBytes(24).toString("base64url"), { mode: 0o600, flag: "wx" });
    if (owner) chownSync(password, owner.uid, owner.gid);
  } catch (cause) {
    throw new StartError(`DATA_DIR cannot be used: ${(cause as Error).message}.`, { cause });
  }
  const { failed, said } = await runProgram(join(binDir, "initdb"), initdbArguments(pgDataArgument(draft, owner)), { cwd: draft, owner });
  if (failed) throw new StartError(`The database could not be made in ${dir}: ${said.split("\n").at(-1)}`);
  renameSync(draft, join(dir, "data"));
}

/** reliability-security.md §1.4: sorting and case the same on every machine, damaged pages noticed, no login without the password. */
const initdbArguments = (pgData: string) => [
  `--pgdata=${pgData}`,
  `--username=${SUPERUSER}`,
  "--encoding=UTF8",
  "--locale=C",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--data-checksums",
  "--auth=scram-sha-256",
  "--pwfile=../password",
  "--no-instructions",
];

function makeDir(path: string, owner: Owner | null): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (owner) chownSync(path, owner.uid, owner.gid);
}

function checkOwner(pgData: string, owner: Owner | null): void {
  const { uid } = statSync(pgData);
  const wanted = owner?.uid ?? process.getuid?.() ?? uid;
  if (uid !== wanted)
    throw new StartError(`${pgData} belongs to user ${uid}, not ${wanted}: start as that user or as root, or change its owner.`);
}

function checkVersion(dataDir: string, pgData: string): void {
  const path = join(pgData, "PG_VERSION");
  const version = existsSync(path) ? readFileSync(path, "utf8").trim() : null;
  if (version === null) throw new StartError(`${pgData} is not a PostgreSQL database: move it away, or choose another DATA_DIR.`);
  if (version === MAJOR) return;
  throw new StartError(
    `DATA_DIR="${dataDir}" holds a PostgreSQL ${version} database and this Spanwatch runs ${MAJOR}: start the Spanwatch that made it, or see docs/operating.md on upgrades.`,
  );
}

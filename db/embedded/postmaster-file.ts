import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster";
import { isOfCluster, listClusterProcesses, processStart } from "./process-table";

/** What a running postmaster writes into its data directory. */
export interface Postmaster {
  pid: number;
  port: number;
  /** "ready" once it takes connections, "starting" or "stopping" else. */
  status: string;
}

/** Reads postmaster.pid; null when there is none. */
export function readPostmaster(cluster: Cluster): Postmaster | null {
  let lines: string[];
  try {
    lines = readFileSync(join(cluster.pgData, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return null;
  }
  const pid = Math.abs(Number.parseInt(lines[0] ?? "", 10));
  return { pid: Number.isNaN(pid) ? 0 : pid, port: Number(lines[3] ?? 0), status: lines[7]?.trim() ?? "" };
}

/** Whether the postmaster that the file names runs, and is this cluster's. */
export function runs(cluster: Cluster, postmaster: Postmaster): boolean {
  return postmaster.pid > 0 && processStart(postmaster.pid) !== null && isOfCluster(postmaster.pid, cluster.name);
}

export function isRunning(cluster: Cluster): boolean {
  const postmaster = readPostmaster(cluster);
  return postmaster !== null && runs(cluster, postmaster);
}

/**
 * Deletes the lock files of a postmaster that is dead, a zombie, or whose pid now is somebody else's: PostgreSQL would take that pid for
 * the postmaster and not start. Children that outlived it are waited for, then killed, because the files are also what keeps a second server
 * from writing beside them.
 */
export async function removeStaleFiles(cluster: Cluster): Promise<void> {
  for (let triesLeft = 100; ; triesLeft--) {
    const left = listClusterProcesses(cluster.name);
    if (left.length === 0) break;
    if (triesLeft <= 0) for (const pid of left) kill(pid);
    await sleep(50);
  }
  rmSync(join(cluster.pgData, "postmaster.pid"), { force: true });
  for (const name of readdirSync(cluster.dir)) if (name.startsWith(".s.PGSQL.")) rmSync(join(cluster.dir, name), { force: true });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone meanwhile.
  }
}

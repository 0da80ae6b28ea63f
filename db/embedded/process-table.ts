import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * What names a process beyond its pid, which is used again: its start time. Null when there is no such process or only its zombie
 * (where PID 1 does not reap, `kill(pid, 0)` says that a dead postmaster lives; reliability-security.md §1.4).
 */
export function processStart(pid: number): string | null {
  if (process.platform === "linux") return linuxStart(pid);
  if (process.platform === "win32") return signalReaches(pid) ? "unknown" : null;
  const [state = "", ...start] = ps(pid, "state=,lstart=").split(/\s+/);
  return state === "" || state.startsWith("Z") ? null : start.join(" ");
}

/** The command line; for a child of the postmaster its title, such as `postgres: <cluster name>: checkpointer`. Empty when unknown. */
function commandOf(pid: number): string {
  if (process.platform !== "linux") return ps(pid, "command=");
  try {
    // Unlike /proc/<pid>/exe and cwd, this may be read without the right to trace, which root lacks in a usual container.
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

/** Every process that belongs to the PostgreSQL cluster of this name, without zombies. Empty where that cannot be listed (not Linux). */
export function listClusterProcesses(clusterName: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isOfCluster(pid, clusterName) && processStart(pid) !== null);
}

/** Whether this pid is the postmaster of the cluster, or one of its children. Windows does not tell, so there a pid is believed. */
export function isOfCluster(pid: number, clusterName: string): boolean {
  if (process.platform === "win32") return true;
  const command = commandOf(pid);
  return command.startsWith(`postgres: ${clusterName}: `) || command.split(" ").includes(`cluster_name=${clusterName}`);
}

function linuxStart(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return null;
  }
  // The name in parentheses may hold spaces and parentheses; after its end come the state and, 19 further, the start in clock ticks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? null);
}

function signalReaches(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const ps = (pid: number, columns: string) => spawnSync("ps", ["-o", columns, "-p", String(pid)], { encoding: "utf8" }).stdout?.trim() ?? "";

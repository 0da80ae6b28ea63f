import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

/**
 * What Linux tells of sockets and processes under /proc. Every function answers null where /proc does not say (another system, another
 * namespace, not permitted): the caller must not conclude anything from that.
 */

export const HAS_PROC = existsSync("/proc/self/stat");

/** Of the connections we have: the peer's (plain) address and port, and our port. */
export interface Endpoint {
  peer: string;
  peerPort: number;
  localPort: number;
}

/** The TCP sockets of this network namespace. */
export interface SocketTable {
  /** The peer's ends of the connections that were asked for, by `endpointKey`. */
  peers: Map<string, { inode: string; uid: number }>;
  /** Ports that something listens on, and by inode the local port of every socket, listening or established. */
  listening: Map<string, number>;
  established: Map<string, number>;
}

const LISTEN = "0A";
const NO_INODE = "0";

export async function readSocketTable(endpoints: readonly Endpoint[]): Promise<SocketTable | null> {
  const files = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "latin1").catch(() => null)));
  if (files.every((text) => text === null)) return null;
  const table: SocketTable = { peers: new Map(), listening: new Map(), established: new Map() };
  const keys = new Set(endpoints.map(endpointKey));
  const ports = new Set(endpoints.map((endpoint) => endpoint.peerPort));
  for (const line of files.join("\n").split("\n")) {
    // sl, local, remote, state, queues, timer, retransmits, uid, timeout, inode
    const [, local = "", remote = "", state, , , , uid, , inode = NO_INODE] = line.trim().split(/\s+/);
    // A connection that is closed already has no owner any more.
    if (inode === NO_INODE) continue;
    const port = portOf(local);
    if (state === LISTEN) table.listening.set(inode, port);
    else table.established.set(inode, port);
    if (!ports.has(port)) continue;
    const key = endpointKey({ peer: addressOf(local), peerPort: port, localPort: portOf(remote) });
    if (keys.has(key)) table.peers.set(key, { inode, uid: Number(uid) });
  }
  return table;
}

export const endpointKey = ({ peer, peerPort, localPort }: Endpoint): string => `${peer} ${peerPort} ${localPort}`;

const portOf = (end: string): number => Number.parseInt(end.slice(end.indexOf(":") + 1), 16);

/** `0100007F` is 127.0.0.1: 32-bit words of a little-endian machine. */
function addressOf(end: string): string {
  const words = end.slice(0, end.indexOf(":")).match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  if (bytes.length === 4) return bytes.join(".");
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (isMapped) return bytes.slice(12).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16));
  // The URL parser writes IPv6 the short way, as sockets do.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

export interface ProcessStat {
  comm: string;
  /** Clock ticks after boot; with the pid it names one run for as long as the machine is up. */
  startTicks: string;
}

/** The living process with this pid, `gone` when there is none (or a zombie), null when that cannot be said. */
export function readStat(pid: number): ProcessStat | "gone" | null {
  if (!HAS_PROC) return exists(pid) ? { comm: "", startTicks: "" } : "gone";
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ESRCH: it ended between open and read.
    return code === "ENOENT" || code === "ESRCH" ? "gone" : null;
  }
  // The name stands in brackets and may hold anything, brackets too.
  const end = text.lastIndexOf(")");
  const [state = "?", ...fields] = text.slice(end + 2).split(" ");
  if ("ZXx".includes(state) && !hasOtherThreads(pid)) return "gone";
  return { comm: text.slice(text.indexOf("(") + 1, end), startTicks: fields[18] ?? "" };
}

/** All that other systems tell without a program of their own. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A main thread that ended before the others is a zombie of a living process. */
function hasOtherThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}

/** The effective user of a process; null when that cannot be said. */
export function readUid(pid: number): number | null {
  try {
    const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return uid === undefined ? null : Number(uid);
  } catch {
    return null;
  }
}

/** File name of the program that a process runs; null when we may not look. */
export function readProgram(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/^.*\//, "");
  } catch {
    return null;
  }
}

const FILES_PER_TURN = 256;

/** The sockets that a process holds, as inodes; null when we may not look. Gives the event loop a turn every 256 files. */
export async function readSocketsOf(pid: number): Promise<Set<string> | null> {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return null;
  }
  const inodes = new Set<string>();
  for (const [i, name] of names.entries()) {
    if (i % FILES_PER_TURN === FILES_PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // Closed meanwhile.
    }
  }
  return inodes;
}

/** All pids of this namespace; empty where there is no /proc. */
export async function listPids(): Promise<number[]> {
  const names = await readdir("/proc").catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/**
 * What the names of runs on this machine begin with: this boot and our pid namespace, in which alone a pid means something to us. Null
 * where there is no /proc.
 */
export function runPrefix(): string | null {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return `${boot}/${readlinkSync("/proc/self/ns/pid")}/`;
  } catch {
    return null;
  }
}

/** When a process with these start ticks began, Unix ms, within a second; null where there is no /proc. */
export function startedMs(startTicks: string, nowMs: number): number | null {
  try {
    const uptimeMs = Number(readFileSync("/proc/uptime", "latin1").split(" ")[0]) * 1000;
    // Linux shows programs ticks of 10 ms, whatever its own are.
    return nowMs - uptimeMs + Number(startTicks) * 10;
  } catch {
    return null;
  }
}

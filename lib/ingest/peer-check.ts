import { Lru } from "./lru";
import {
  type Endpoint,
  endpointKey,
  HAS_PROC,
  listPids,
  readProgram,
  readSocketsOf,
  readSocketTable,
  readStat,
  readUid,
  type SocketTable,
  startedMs,
} from "./proc";

/** A question about the process at the other end of a connection from this machine. */
export interface PeerQuestion {
  endpoint: Endpoint;
  /** The pid that its resource names, where it can mean a process of this machine; else null. */
  pid: number | null;
  /** `telemetry.sdk.language`. */
  language: string | null;
  /** When the process was first heard of, Unix ms. */
  firstReceivedMs: number;
}

/**
 * `holds`: the named process holds the connection (`user`: we may not look at its files, but its user is the socket's).
 * `alive`: it lives here and may well be the sender, but somebody else holds the connection, or nobody can tell.
 * `gone`: somebody holds the connection, and the named process is not there.
 * `unknown`: nothing can be said of the pid.
 */
export interface PeerAnswer {
  pid:
    | { is: "holds"; by: "socket" | "user"; startTicks: string }
    | { is: "alive"; startTicks: string }
    | { is: "gone" }
    | { is: "unknown" };
  /** Whether the connection's owner passes on what others send; null where that cannot be told, or was not asked because the pid holds. */
  isForwarder: boolean | null;
}

const UNKNOWN: PeerAnswer = { pid: { is: "unknown" }, isForwarder: null };

/** Names that programs of a language go by; those of other languages may be called anything. */
const PROGRAMS: Record<string, RegExp> = {
  python: /python|pypy|gunicorn|uvicorn|uwsgi|celery|jupyter/i,
  nodejs: /node|bun|deno|electron|next-server/i,
  webjs: /chrom|firefox|safari|edge/i,
  java: /java/i,
  ruby: /ruby|puma|unicorn|sidekiq/i,
  php: /php|apache|httpd/i,
  erlang: /beam|erl/i,
};
/** Programs whose trade is to pass on connections. */
const FORWARDERS =
  /^(sshd?|socat|ncat|nc|haproxy|nginx|envoy|caddy|traefik|kubectl|docker-proxy|otelcol.*|rinetd|stunnel\d?|gost|frpc|ngrok)$/;

/** Answers several questions with one look at the socket table. */
export async function askPeers(questions: readonly PeerQuestion[], nowMs: number): Promise<PeerAnswer[]> {
  const table = await readSocketTable(questions.map((question) => question.endpoint));
  if (table === null) return questions.map((question) => (HAS_PROC ? UNKNOWN : askWithoutProc(question)));
  const held = new Map<number, Promise<Set<string> | null>>();
  const socketsOf = (pid: number) => {
    const sockets = held.get(pid) ?? readSocketsOf(pid);
    held.set(pid, sockets);
    return sockets;
  };
  const answers: PeerAnswer[] = [];
  for (const question of questions) answers.push(await askPeer(question, table, socketsOf, nowMs));
  return answers;
}

/** Without /proc the existence of a pid is all there is: enough to refrain from calling its process dead. */
function askWithoutProc({ pid }: PeerQuestion): PeerAnswer {
  const stat = pid === null ? null : readStat(pid);
  if (stat === null || stat === "gone") return UNKNOWN;
  return { pid: { is: "alive", startTicks: stat.startTicks }, isForwarder: null };
}

type SocketsOf = (pid: number) => Promise<Set<string> | null>;

async function askPeer(question: PeerQuestion, table: SocketTable, socketsOf: SocketsOf, nowMs: number): Promise<PeerAnswer> {
  const socket = table.peers.get(endpointKey(question.endpoint));
  if (!socket) return UNKNOWN;
  const pid = await askPid(question, socket, socketsOf, nowMs);
  if (pid.is === "holds") return { pid, isForwarder: null };
  return { pid, isForwarder: await isForwarder(socket, table, question.language, socketsOf) };
}

async function askPid(
  { pid, language, firstReceivedMs }: PeerQuestion,
  socket: { inode: string; uid: number },
  socketsOf: SocketsOf,
  nowMs: number,
): Promise<PeerAnswer["pid"]> {
  if (pid === null) return { is: "unknown" };
  const stat = readStat(pid);
  if (stat === null) return { is: "unknown" };
  if (stat === "gone") return { is: "gone" };
  const { startTicks } = stat;
  const sockets = await socketsOf(pid);
  if (sockets?.has(socket.inode)) return { is: "holds", by: "socket", startTicks };
  // A pid says little: it may be of another namespace, or have been given to another process since.
  const began = startedMs(startTicks, nowMs);
  const isPlausible = isProgramOf(language, stat.comm, readProgram(pid)) && began !== null && began <= firstReceivedMs + 1_000;
  if (!isPlausible) return { is: "unknown" };
  if (sockets === null) return readUid(pid) === socket.uid ? { is: "holds", by: "user", startTicks } : { is: "unknown" };
  return { is: "alive", startTicks };
}

const isProgramOf = (language: string | null, comm: string, program: string | null): boolean => {
  const names = PROGRAMS[language ?? ""];
  return names === undefined || names.test(comm) || (program !== null && names.test(program));
};

const owners = new Lru<number, true>(64);

/**
 * A process that listens and holds a connection that it accepted, while its own to us is open, looks like a forwarder. So does a web
 * server at work: it is told apart by being asked again, when it has no caller for a moment and yet its connection to us stays.
 */
async function isForwarder(
  socket: { inode: string; uid: number },
  table: SocketTable,
  language: string | null,
  socketsOf: SocketsOf,
): Promise<boolean | null> {
  const owner = await findOwner(socket, socketsOf);
  if (owner === null) return null;
  const sockets = (await socketsOf(owner)) ?? new Set();
  const listens = new Set([...sockets].flatMap((inode) => table.listening.get(inode) ?? []));
  if (listens.size === 0) return false;
  const stat = readStat(owner);
  if (stat === null || stat === "gone") return null;
  const program = readProgram(owner);
  if (FORWARDERS.test(program ?? stat.comm) || !isProgramOf(language, stat.comm, program)) return true;
  return [...sockets].some((inode) => listens.has(table.established.get(inode) ?? -1));
}

const PIDS_PER_TURN = 16;

/** The process that holds a socket: first those that held one lately, then all of the socket's user. */
async function findOwner({ inode, uid }: { inode: string; uid: number }, socketsOf: SocketsOf): Promise<number | null> {
  const recent = owners.keys();
  for (const pid of recent) if ((await socketsOf(pid))?.has(inode)) return pid;
  const known = new Set(recent);
  for (const [i, pid] of (await listPids()).entries()) {
    if (i % PIDS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    if (known.has(pid) || readUid(pid) !== uid || !(await socketsOf(pid))?.has(inode)) continue;
    owners.set(pid, true);
    return pid;
  }
  return null;
}

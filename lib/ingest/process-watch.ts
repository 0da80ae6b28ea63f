import type { Connection } from "./connections";
import type { EvidenceWriter } from "./evidence-writer";
import { readStat } from "./proc";

/** A process is declared gone when it was missed for so long, and so long after its last record and its connection's end, ms. */
const GONE_AFTER_MS = 500;
const LOOK_EVERY_MS = 250;
/** After a connection has closed: a process that was killed takes a moment to disappear. */
const LOOKS_AFTER_CLOSE_MS = [0, 30, 120];
const WATCHED_MAX = 2_000;
const LOOKS_PER_TURN = 100;
/** Records that come so long after the pid was missed are somebody else's: of a fork that names the pid of its parent. */
const CONTRADICTED_AFTER_MS = 1_000;

/** One run of a pid, and the process (design §4) whose records name it. */
export interface Watched {
  processId: bigint;
  projectId: number;
  pid: number;
  startTicks: string;
  /** Null where it only is alive: no look at it can prove that the sender ended. */
  verifiedBy: "socket" | "user" | null;
  /** Others send under its name, so that its end says nothing of them. */
  isContradicted: boolean;
  aliveMs: number;
  /** First look that missed it, and the look that confirmed it. */
  missedMs: number | null;
  goneMs: number | null;
  lastReceivedMs: number;
  lastClosedMs: number;
  /** Those that carried its records and are not closed, or not yet worked off. */
  connections: Set<Connection>;
  /** Whether its row is in the database, and what is to be written to it. */
  isStored: boolean;
  unwritten: "quiet" | "announced" | null;
  confirming: boolean;
}

/**
 * Looks at processes of this machine until they are gone:
 *
 *     records ----|            |-- FIN   |-- missed     |-- still missed, nothing received: gone
 *                 0 ..................... + 0-250 ms ... + 500 ms
 */
export class ProcessWatch {
  private readonly evidence: EvidenceWriter;
  /** What the name of a run begins with; null where there is no /proc. */
  private readonly runPrefix: string | null;
  private readonly byProcess = new Map<bigint, Watched>();
  private readonly timer: NodeJS.Timeout;
  private isLooking = false;

  constructor(evidence: EvidenceWriter, runPrefix: string | null) {
    this.evidence = evidence;
    this.runPrefix = runPrefix;
    this.timer = setInterval(() => void this.lookAtAll(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  get(processId: bigint): Watched | undefined {
    return this.byProcess.get(processId);
  }

  /** Begins to watch a run of a pid; one that was watched under this process id before is let go. */
  add(
    run: Pick<Watched, "processId" | "projectId" | "pid" | "startTicks" | "verifiedBy">,
    lastReceivedMs: number,
    isStored: boolean,
  ): Watched {
    const previous = this.byProcess.get(run.processId);
    const watched: Watched = {
      ...run,
      isContradicted: false,
      aliveMs: lastReceivedMs,
      missedMs: null,
      goneMs: null,
      lastReceivedMs,
      lastClosedMs: 0,
      connections: new Set(),
      isStored: isStored || previous?.isStored === true,
      unwritten: null,
      confirming: false,
    };
    this.byProcess.delete(run.processId);
    this.byProcess.set(run.processId, watched);
    if (this.byProcess.size > WATCHED_MAX) {
      const oldest = this.byProcess.keys().next();
      if (!oldest.done) this.byProcess.delete(oldest.value);
    }
    return watched;
  }

  /** Records of it came in. */
  received(watched: Watched, connection: Connection, nowMs: number): void {
    watched.lastReceivedMs = nowMs;
    watched.connections.add(connection);
    if (watched.goneMs === null) return;
    // Not gone after all, or somebody else: whichever it is, this pid proves nothing until it is asked for again.
    watched.goneMs = null;
    watched.missedMs = null;
    watched.verifiedBy = null;
    this.write(watched, "announced");
  }

  hungUp(watched: Watched): void {
    if (watched.goneMs !== null) return;
    watched.lastClosedMs = Date.now();
    for (const inMs of LOOKS_AFTER_CLOSE_MS) setTimeout(() => this.look(watched), inMs).unref();
    setTimeout(() => {
      this.look(watched);
      // It closed its connection and lives: worth knowing before somebody takes the close for its end.
      if (watched.missedMs === null && watched.goneMs === null) this.write(watched, "quiet");
    }, GONE_AFTER_MS).unref();
  }

  stored(watched: Watched): void {
    watched.isStored = true;
    if (watched.unwritten) this.write(watched, watched.unwritten);
  }

  contradict(watched: Watched): void {
    if (watched.isContradicted) return;
    watched.isContradicted = true;
    watched.verifiedBy = null;
    this.write(watched, "announced");
  }

  write(watched: Watched, how: "quiet" | "announced"): void {
    if (!watched.isStored) {
      watched.unwritten = watched.unwritten === "announced" ? "announced" : how;
      return;
    }
    watched.unwritten = null;
    const { processId, projectId, pid, verifiedBy, aliveMs, goneMs, startTicks } = watched;
    const run = this.runPrefix === null ? null : this.runPrefix + startTicks;
    this.evidence.noteLocalProcess({ processId, pid, verifiedBy, run, aliveMs, goneMs }, how === "announced" ? projectId : null);
  }

  private async lookAtAll(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    let looks = 0;
    for (const watched of [...this.byProcess.values()]) {
      if (watched.goneMs !== null) continue;
      this.look(watched);
      looks += 1;
      if (looks % LOOKS_PER_TURN === 0) await nextTurn();
    }
    this.isLooking = false;
  }

  private look(watched: Watched): void {
    if (watched.goneMs !== null || this.byProcess.get(watched.processId) !== watched) return;
    const stat = readStat(watched.pid);
    if (stat === null) return;
    if (stat !== "gone" && stat.startTicks === watched.startTicks) {
      watched.aliveMs = Date.now();
      watched.missedMs = null;
      return;
    }
    watched.missedMs ??= Date.now();
    void this.confirm(watched);
  }

  private async confirm(watched: Watched): Promise<void> {
    if (watched.confirming) return;
    watched.confirming = true;
    while (watched.missedMs !== null && watched.goneMs === null) {
      if (watched.lastReceivedMs - watched.missedMs > CONTRADICTED_AFTER_MS) this.contradict(watched);
      const waitMs = Math.max(watched.missedMs, watched.lastClosedMs, watched.lastReceivedMs) + GONE_AFTER_MS - Date.now();
      if (waitMs <= 0 && !hasPendingRecords(watched)) this.declareGone(watched);
      else await new Promise((resolve) => setTimeout(resolve, Math.max(waitMs, 20)).unref());
      // What it sent before it died may still lie in the kernel, if we were busy: take it in first.
      for (let turn = 0; turn < 3 && watched.goneMs === null; turn++) await nextTurn();
    }
    watched.confirming = false;
  }

  private declareGone(watched: Watched): void {
    watched.goneMs = Date.now();
    watched.connections.clear();
    this.write(watched, "announced");
  }
}

function hasPendingRecords({ connections }: Watched): boolean {
  for (const connection of connections) {
    if (connection.inFlight > 0) return true;
    if (connection.closed) connections.delete(connection);
  }
  return false;
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

import { hostname } from "node:os";
import { logger } from "@/lib/logger";
import type { Connection } from "./connections";
import type { KnownResource } from "./dictionary";
import type { EvidenceWriter } from "./evidence-writer";
import { Lru } from "./lru";
import { askPeers, type PeerAnswer, type PeerQuestion } from "./peer-check";
import { HAS_PROC } from "./proc";
import { ProcessWatch } from "./process-watch";
import { isOnThisMachine } from "./sender";

const QUESTIONS_MAX = 500;
const ASK_FORWARDER_AGAIN_MS = 1_000;
const STORED_MAX = 20_000;

interface Asked {
  question: PeerQuestion;
  connection: Connection;
  processId: bigint;
  projectId: number;
}

/** A process of this machine that was being watched when the last ingest ended. */
export interface WatchedBefore {
  processId: bigint;
  projectId: number;
  pid: number;
  verifiedBy: "socket" | "user" | null;
  run: string;
  lastReceivedMs: number;
}

/**
 * Knows of senders on this machine whether they live (design §6 rule 2). The pid that a resource names is believed when that process holds
 * the very connection its records came on; from then on its end is seen within moments, whatever signal it died of.
 */
export class LocalProcesses {
  private readonly evidence: EvidenceWriter;
  private readonly watch: ProcessWatch;
  private readonly runPrefix: string | null;
  private readonly hostName = hostname().toLowerCase();
  private questions: Asked[] = [];
  private isAsking = false;
  /** Processes whose rows are in the database. */
  private readonly stored = new Lru<bigint, true>(STORED_MAX);
  private readonly asked = new WeakMap<Connection, { processIds: Set<bigint>; atMs: number }>();

  constructor(evidence: EvidenceWriter, runPrefix: string | null) {
    this.evidence = evidence;
    this.runPrefix = runPrefix;
    this.watch = new ProcessWatch(evidence, runPrefix);
  }

  close(): void {
    this.watch.close();
  }

  resume(before: WatchedBefore[]): void {
    for (const { run, lastReceivedMs, ...rest } of before) {
      if (this.watch.get(rest.processId)) continue;
      this.watch.add({ ...rest, startTicks: run.slice(this.runPrefix?.length) }, lastReceivedMs, true);
    }
  }

  /** On the hot path, once for each process of a request: cheap unless the process or the connection is new. */
  noteRequest(connection: Connection, projectId: number, processId: bigint, resource: KnownResource, nowMs: number): void {
    const watched = this.watch.get(processId);
    const wasGone = watched !== undefined && watched.goneMs !== null;
    if (watched) this.watch.received(watched, connection, nowMs);
    if (!isOnThisMachine(connection.peer, nowMs)) return;

    const asked = this.asked.get(connection) ?? { processIds: new Set(), atMs: nowMs };
    this.asked.set(connection, asked);
    const isAgain = asked.processIds.has(processId);
    if (isAgain && !wasGone && !(connection.isForwarded && nowMs - asked.atMs >= ASK_FORWARDER_AGAIN_MS)) return;
    asked.processIds.add(processId);
    asked.atMs = nowMs;
    if (this.questions.length >= QUESTIONS_MAX) return;
    const pid = resource.pid !== null && this.isOwnHost(resource.hostName) ? resource.pid : null;
    const question = { endpoint: connection, pid, language: resource.sdkLanguage, firstReceivedMs: nowMs };
    this.questions.push({ question, connection, processId, projectId });
    if (!this.isAsking) void this.ask();
  }

  /** Its row is in the database from now on. */
  noteStored(processId: bigint): void {
    this.stored.set(processId, true);
    const watched = this.watch.get(processId);
    if (watched && !watched.isStored) this.watch.stored(watched);
  }

  noteHungUp(connection: Connection): void {
    for (const processId of connection.processes.keys()) {
      const watched = this.watch.get(processId);
      if (watched) this.watch.hungUp(watched);
    }
  }

  /** Without /proc nothing ties the pid to the connection, so there the host must be named and be ours. */
  private isOwnHost(hostName: string | null): boolean {
    if (hostName === null) return HAS_PROC;
    const name = hostName.toLowerCase();
    return name === this.hostName || name.startsWith(`${this.hostName}.`) || this.hostName.startsWith(`${name}.`);
  }

  private async ask(): Promise<void> {
    this.isAsking = true;
    try {
      while (this.questions.length > 0) {
        const batch = this.questions;
        this.questions = [];
        const answers = await askPeers(
          batch.map(({ question }) => question),
          Date.now(),
        );
        for (const [i, answer] of answers.entries()) this.answered(batch[i] as Asked, answer);
      }
    } catch (error) {
      logger.debug({ err: error }, "could not look at the processes of this machine");
    } finally {
      this.isAsking = false;
    }
  }

  private answered({ question, connection, processId, projectId }: Asked, { pid: answer, isForwarder }: PeerAnswer): void {
    if (isForwarder !== null && isForwarder !== connection.isForwarded) {
      connection.isForwarded = isForwarder;
      this.evidence.noteConnection(connection);
    }
    const known = this.watch.get(processId);
    // Its pid is not there, and yet somebody sends in its name.
    if (answer.is === "gone" && known) this.watch.contradict(known);
    if (question.pid === null || answer.is === "gone" || answer.is === "unknown") return;

    const isSameRun = known?.pid === question.pid && known.startTicks === answer.startTicks;
    const run = { processId, projectId, pid: question.pid, startTicks: answer.startTicks, verifiedBy: null };
    const watched = known && isSameRun ? known : this.watch.add(run, question.firstReceivedMs, this.stored.get(processId) === true);
    watched.aliveMs = Date.now();
    watched.connections.add(connection);
    const isAnotherSender = answer.is === "alive" && connection.direct && isForwarder === false;
    if (isAnotherSender) this.watch.contradict(watched);
    if (answer.is === "holds" && !watched.isContradicted) watched.verifiedBy ??= answer.by;
    this.watch.write(watched, "quiet");
  }
}

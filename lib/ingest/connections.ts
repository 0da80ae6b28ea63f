import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import type { ConnectionRow } from "@/db/queries/ingest/connections";
import { clean } from "./dictionary";
import { newId } from "./ids";
import { LIMITS } from "./limits";
import { type Header, isDirectSender, plainAddress, tokenOf } from "./sender";

/**
 * Errors by which the peer ends a connection. The last: grpc-go says goodbye with a GOAWAY that names a stream it may not name, which Node
 * takes for a violation of the protocol.
 */
const BY_THE_PEER = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED", "ERR_HTTP2_ERROR"]);

type ClosedBy = "client" | "reset" | "server";

/**
 * One TCP connection: evidence of the process at its other end (design, decision 2). It is known to the database from its first request
 * on, and its close is written only when the records received on it are.
 */
export class Connection {
  readonly id = newId();
  readonly protocol: "http" | "grpc";
  readonly peer: string;
  readonly peerPort: number;
  readonly localPort: number;
  readonly openedMs = Date.now();
  /** Processes whose records it carried, by id, with their project. */
  readonly processes = new Map<bigint, number>();
  userAgent = "";
  /** By the headers; a look at the peer's process may say otherwise. */
  direct = true;
  /** Whether the peer's process was seen to be a forwarder (lib/ingest/local-process.ts). */
  isForwarded = false;
  /** SHA-256 of the token that its last request brought. */
  tokenHash: Buffer | null = null;
  lastRequestMs: number | null = null;
  requests = 0;
  closed: { atMs: number; by: ClosedBy } | null = null;
  /** Requests that are neither answered nor given up: while there are any, its close waits. */
  inFlight = 0;
  /** Whether it brought anything worth a row. */
  isNoted = false;
  /** The request whose body is being read, if any; not `complete` while some of it has not come. */
  reading: { complete: boolean } | null = null;
  private token: string | null = null;
  private whenIdle: (() => void)[] = [];

  constructor(socket: Socket, protocol: "http" | "grpc") {
    this.protocol = protocol;
    this.peer = plainAddress(socket.remoteAddress ?? "");
    this.peerPort = socket.remotePort ?? 0;
    this.localPort = socket.localPort ?? 0;
  }

  /** Notes a request that carries something to remember. */
  noteRequest(nowMs: number, userAgent: string, header: Header): void {
    this.isNoted = true;
    this.requests += 1;
    this.lastRequestMs = nowMs;
    this.userAgent = clean(userAgent).slice(0, LIMITS.userAgentChars);
    if (!isDirectSender(header, userAgent)) this.direct = false;
    this.noteToken(tokenOf(header));
  }

  /** An exporter brings the same token with every request. */
  private noteToken(token: string | null): void {
    if (token === this.token) return;
    this.token = token;
    this.tokenHash = token === null ? null : createHash("sha256").update(token).digest();
  }

  /** Resolves when no request is in flight. */
  async idle(): Promise<void> {
    if (this.inFlight > 0) await new Promise<void>((resolve) => this.whenIdle.push(resolve));
  }

  noteIdle(): void {
    for (const resolve of this.whenIdle.splice(0)) resolve();
  }

  toRow(ingestId: string): ConnectionRow {
    return {
      id: this.id,
      protocol: this.protocol,
      peer: this.peer,
      peerPort: this.peerPort,
      userAgent: this.userAgent,
      direct: this.direct && !this.isForwarded,
      openedMs: this.openedMs,
      closedMs: this.closed?.atMs ?? null,
      closedBy: this.closed?.by ?? null,
      lastRequestMs: this.lastRequestMs,
      requests: this.requests,
      ingestId,
      tokenHash: this.tokenHash,
    };
  }
}

/** Every connection of this ingest, and how each ended. */
export class Connections {
  private readonly bySocket = new WeakMap<Socket, Connection>();
  private readonly open = new Set<Connection>();
  private requestsInFlight = 0;
  /** Called once for each, when it is closed and no request of it is in flight any more. */
  private readonly onClosed: (connection: Connection) => void;
  /** Called the moment the peer hangs up, whatever is in flight. */
  private readonly onHungUp: (connection: Connection) => void;

  constructor(hooks: { onHungUp: (connection: Connection) => void; onClosed: (connection: Connection) => void }) {
    this.onClosed = hooks.onClosed;
    this.onHungUp = hooks.onHungUp;
  }

  get openCount(): number {
    return this.open.size;
  }

  get inFlight(): number {
    return this.requestsInFlight;
  }

  /** Call for every accepted socket, before any data is read. */
  watch(socket: Socket, protocol: "http" | "grpc"): Connection {
    const connection = new Connection(socket, protocol);
    this.bySocket.set(socket, connection);
    this.open.add(connection);
    // What comes first decides: after a FIN of the client we hang up too, and after a reset there is no FIN.
    socket.once("end", () => this.hangUp(connection, "client"));
    socket.once("error", (error: NodeJS.ErrnoException) => this.hangUp(connection, BY_THE_PEER.has(error.code ?? "") ? "reset" : "server"));
    socket.once("close", () => this.hangUp(connection, "server"));
    return connection;
  }

  of(socket: Socket): Connection {
    return this.bySocket.get(socket) ?? this.watch(socket, "http");
  }

  /** Brackets a request: `begin`, then `finish` when its records are committed or it was refused. */
  begin(connection: Connection): void {
    connection.inFlight += 1;
    this.requestsInFlight += 1;
  }

  finish(connection: Connection): void {
    connection.inFlight -= 1;
    this.requestsInFlight -= 1;
    if (connection.inFlight > 0) return;
    connection.noteIdle();
    if (connection.closed) this.onClosed(connection);
  }

  /** At shutdown: what is still open is closed by us. */
  closeAll(): void {
    for (const connection of this.open) this.hangUp(connection, "server");
  }

  private hangUp(connection: Connection, by: ClosedBy): void {
    if (connection.closed) return;
    connection.closed = { atMs: Date.now(), by };
    this.open.delete(connection);
    this.onHungUp(connection);
    if (connection.inFlight === 0) this.onClosed(connection);
  }
}

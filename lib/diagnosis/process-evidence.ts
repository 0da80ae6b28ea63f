/** How a process's existence on this very machine was checked (design §6 rule 2), by ingest through /proc. */
export interface LocalProcess {
  pid: number;
  /**
   * The peer's socket was seen among the process's open files, or (files not readable) its owner is the process's user. Null: a process
   * of that pid lives here, but something else holds the connection; then `goneAtMs` is always null, for its end would prove nothing.
   */
  verifiedBy: "socket" | "user" | null;
  /** Server clock, Unix ms: last look that found it, and the look that found it gone (or a zombie, or its pid reused), or null. */
  aliveAtMs: number;
  goneAtMs: number | null;
}

/** One connection that carried records of a process. Moments are Unix ms of the server's clock. */
export interface ConnectionEvidence {
  connectionId: string;
  protocol: "http" | "grpc";
  peer: string;
  userAgent: string;
  /** SHA-256 of the token that its requests bring, hex; null where none is sent. */
  tokenHash: string | null;
  openedMs: number;
  closedMs: number | null;
  /** Who closed it: the client's FIN, its reset, or this server (shutdown, crash: says nothing of the process). */
  closedBy: "client" | "reset" | "server" | null;
  /** False when a proxy header, a Collector's or a forwarder's user agent, or a listening peer process says that others sit between. */
  direct: boolean;
  /** This process's requests on this connection. */
  firstReceivedMs: number;
  lastReceivedMs: number;
  requests: number;
  /** Identities that this connection carried. */
  processIds: string[];
}

/** All that is known of one process that sent records. */
export interface ProcessEvidence {
  processId: string;
  service: string;
  pid: number | null;
  serviceInstanceId: string | null;
  host: string | null;
  sdkName: string | null;
  sdkLanguage: string | null;
  sdkVersion: string | null;
  logfireVersion: string | null;
  userAgent: string;
  firstReceivedMs: number;
  lastReceivedMs: number;
  /** Longest pause between two of its requests so far, ms; null while there was only one. */
  longestPauseMs: number | null;
  /** Some connection of this path (same service, peer address and user agent) was closed and its process came back later. */
  pathReconnects: boolean;
  connections: ConnectionEvidence[];
  local: LocalProcess | null;
  /** A later process with the same service.instance.id, or the same host, service and a restart marker; or null. */
  replacedBy: { processId: string; firstReceivedMs: number } | null;
  /** An exit the data itself tells of (`process.exit.code`, `process.exit.time`), Unix ms, or null. */
  exitedMs: number | null;
}

/** What the evidence says of a process now (wire.md §9). */
export interface ProcessState {
  state: "alive" | "silent" | "ended" | "unknown";
  /** How sure we are that it ended; null unless the state is `ended`. */
  certainty: "proved" | "likely" | "possible" | null;
  /** When it ended, as near as the evidence tells, Unix ms. */
  endedMs: number | null;
  /** Name of the rule that decided, for the words: `gone-locally`, `exit-marker`, `replaced`, `connections-closed`, `silence` … */
  because: string;
  /** When time alone could change this answer, Unix ms, or null. */
  lookAgainAtMs: number | null;
}

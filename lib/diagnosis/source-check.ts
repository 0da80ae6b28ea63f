import type { SpanId, TraceId } from "@/lib/otel/ids";
import type { UnixNano } from "@/lib/otel/time";
import type { FindingDraft, Kind } from "./finding";
import type { ProcessEvidence } from "./process-evidence";
import type { DiagnosisSettings } from "./settings";

/**
 * What is known of a project's senders in its recent past: what a source check may look at, as `TraceEvidence` is for one trace. No clock, no
 * I/O: `nowMs` is given. Moments are Unix ms of the server's clock.
 */
export interface SourceEvidence {
  nowMs: number;
  settings: DiagnosisSettings;
  /** What happened before is not in here (any more): its absence says nothing. */
  sinceMs: number;
  senders: readonly Sender[];
  handshakes: readonly Handshake[];
  rejects: readonly Reject[];
  /** Root spans of senders around the hand-shakes; loaded only where something asks for them. */
  roots: readonly SenderRoot[];
  /** What looks at traces say of the same workers: not to be said twice. */
  traceFindings: readonly TraceFinding[];
}

/** One process with all that was counted of it. */
export interface Sender {
  process: ProcessEvidence;
  /** Ends of spans received, with the log lines that came as spans. */
  endedSpans: number;
  /** Log records received over the signal for logs. */
  logs: number;
  /** Spans whose SDK had dropped attributes, events or links of them. */
  trimmedSpans: number;
  /** Its SDK's counters about itself, the last value of each, summed up where it reports differences. */
  metrics: readonly SelfMetric[];
}

export interface SelfMetric {
  name: string;
  attributes: Readonly<Record<string, string>>;
  value: number;
  receivedMs: number;
}

/** `GET /v1/info`: a process configured Logfire (wire.md §2.7). */
export interface Handshake {
  atMs: number;
  connectionId: string;
  peer: string;
  userAgent: string;
  /** SHA-256 of the token, hex. */
  tokenHash: string | null;
  /** Nothing is known to sit between. */
  direct: boolean;
}

/** A request, or some records of one, that this server refused. */
export interface Reject {
  atMs: number;
  connectionId: string;
  /** Of the senders that its connection carried before or after. */
  processIds: readonly string[];
  direct: boolean;
  status: number;
  /** Short and stable: `malformed`, `too-large`, `interleaved-requests`, `records` … */
  reason: string;
  detail: string;
}

/** The root span of a trace, as its process reported it. */
export interface SenderRoot {
  traceId: TraceId;
  spanId: SpanId;
  name: string;
  processId: string;
  startTimeUnixNano: UnixNano;
  /** Null while no end was received. */
  endTimeUnixNano: UnixNano | null;
  /** When the report of its start came; null where only its end was reported. */
  startReceivedMs: number | null;
  /** When its latest end came. */
  endReceivedMs: number | null;
}

export interface TraceFinding {
  kind: Kind;
  traceId: TraceId;
  processId: string | null;
  openedMs: number;
}

export interface SourceCheckResult {
  findings: FindingDraft[];
  /** When time alone could change the answer (Unix ms), or null. */
  lookAgainAtMs: number | null;
}

/** One check over senders: one file, one drawing, one test, one page under docs/checks/<kind>.md. */
export interface SourceCheck {
  kind: Kind;
  find(evidence: SourceEvidence): SourceCheckResult;
}

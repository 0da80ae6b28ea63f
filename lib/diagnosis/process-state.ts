import type { Sentence } from "./finding";
import type { ConnectionEvidence, ProcessEvidence, ProcessState } from "./process-evidence";
import { type SdkCapabilities, sdkCapabilitiesOf } from "./sdk-capabilities";
import type { DiagnosisSettings } from "./settings";

/**
 * How long after a close we wait for the process to come back. A clean exit closes its session and sends its last batch on a new
 * connection 3 to 15 ms later (wire.md §6, §15); design §6 rule 3 asks for 2 s.
 */
const AFTER_CLOSE_MS = 2_000;
/** With one request only the usual pause is unknown: the SDK's batch delay stands in for it, but no longer than this after the close. */
const AFTER_CLOSE_MAX_MS = 3_000;
/** A batch leaves at most this long after its delay ran out. */
const BATCH_SLACK_MS = 500;
/** Silence alone is no death; silence this many times longer than ever before, after its connection closed, is possibly one. */
export const SILENCE_FACTOR = 10;
/** Pauses between fewer requests than this tell no rhythm. */
export const RHYTHM_REQUESTS = 4;
/** Idle times after which load balancers, tunnels and pools commonly drop a connection, ms; the runtime's own are in sdk-capabilities. */
const COMMON_IDLE_MS = [60_000, 90_000, 120_000, 180_000, 240_000, 300_000, 350_000, 600_000, 3_600_000];
const IDLE_TOLERANCE_MS = 1_000;

/**
 * What the evidence says of a process now (design §6, wire.md §9):
 *
 *   request  request        FIN     2 s, or 3 pauses
 *   ───●────────●────────────┤······················→ ended, likely        … on this machine, gone from /proc: proved
 *   ───●────────●────────────┤··●                     it came back: alive, and so may whatever takes this path
 *
 * Nothing received later than the sign of death may contradict it; `lookAgainAtMs` says when time alone could change the answer.
 */
export function processStateOf(evidence: ProcessEvidence, nowMs: number, settings: DiagnosisSettings): ProcessState {
  const { local, exitedMs, lastReceivedMs } = evidence;
  if (local !== null) {
    if (local.goneAtMs === null) return alive("seen-alive");
    if (local.goneAtMs >= lastReceivedMs) return ended("proved", "gone-locally", goneMs(evidence, local.goneAtMs));
  }
  if (exitedMs !== null) return ended("proved", "exit-marker", exitedMs);
  if (evidence.connections.some(isOpenAndDirect)) return alive("connection-open");
  return closedState(evidence, nowMs) ?? silenceState(evidence, nowMs, settings);
}

/** The sentence for `state`, to be worded by lib/diagnosis/words. */
export const processSentence = (state: ProcessState): Sentence => ({
  id: `process.${state.because}`,
  args: state.endedMs === null ? {} : { endedAt: state.endedMs },
});

const alive = (because: string, lookAgainAtMs: number | null = null): ProcessState => ({
  state: "alive",
  certainty: null,
  endedMs: null,
  because,
  lookAgainAtMs,
});

const ended = (certainty: "proved" | "likely" | "possible", because: string, endedMs: number): ProcessState => ({
  state: "ended",
  certainty,
  endedMs,
  because,
  lookAgainAtMs: null,
});

const isOpenAndDirect = (connection: ConnectionEvidence): boolean => connection.closedMs === null && connection.direct;

/** Its connection closed when it died; /proc was asked half a second later (design §6 rule 2). */
function goneMs(evidence: ProcessEvidence, goneAtMs: number): number {
  const closed = lastClosed(evidence.connections);
  return closed !== null && closed.closedMs >= evidence.lastReceivedMs && closed.closedMs <= goneAtMs ? closed.closedMs : goneAtMs;
}

type Closed = ConnectionEvidence & { closedMs: number };

/** The connection that closed last, once all are closed; else null. */
function lastClosed(connections: readonly ConnectionEvidence[]): Closed | null {
  let last: Closed | null = null;
  for (const connection of connections) {
    if (connection.closedMs === null) return null;
    if (last === null || connection.closedMs > last.closedMs) last = connection as Closed;
  }
  return last;
}

/** Design §6 rule 3, or null where the connections say nothing: none known, a hop between, closed by this server. */
function closedState(evidence: ProcessEvidence, nowMs: number): ProcessState | null {
  const { connections, lastReceivedMs } = evidence;
  const closed = lastClosed(connections);
  if (closed === null || closed.closedBy === "server" || connections.some((connection) => !connection.direct)) return null;

  const sdk = sdkCapabilitiesOf(evidence);
  // A forked child carries its parent's instance id (wire.md §2.5): there a new pid beside a quiet one is no restart.
  const replaced = !sdk.mayFork && evidence.replacedBy !== null && evidence.replacedBy.firstReceivedMs > lastReceivedMs;
  const saysNothing = evidence.pathReconnects || isIdleTimer(closed, sdk);
  if (saysNothing && !replaced) return null;

  const waitUntilMs = Math.max(closed.closedMs + AFTER_CLOSE_MS, returnsByMs(evidence, closed.closedMs, sdk));
  if (nowMs < waitUntilMs) return { ...alive("connections-just-closed", waitUntilMs), state: "unknown" };
  return ended("likely", replaced ? "replaced" : "connections-closed", Math.max(closed.closedMs, lastReceivedMs));
}

/** By when a living process would have sent again. */
function returnsByMs({ longestPauseMs, lastReceivedMs }: ProcessEvidence, closedMs: number, sdk: SdkCapabilities): number {
  if (longestPauseMs !== null) return lastReceivedMs + 3 * longestPauseMs;
  return Math.min(lastReceivedMs + sdk.batchDelayMs + BATCH_SLACK_MS, closedMs + AFTER_CLOSE_MAX_MS);
}

function isIdleTimer(closed: Closed, sdk: SdkCapabilities): boolean {
  const idleMs = closed.closedMs - closed.lastReceivedMs;
  return [...COMMON_IDLE_MS, ...sdk.idleCloseMs].some((timer) => Math.abs(idleMs - timer) <= IDLE_TOLERANCE_MS);
}

/** How many requests the process has sent, over all of its connections. */
export const requestsOf = ({ connections }: ProcessEvidence): number =>
  connections.reduce((sum, connection) => sum + connection.requests, 0);

/** Where only silence can speak (wire.md §9): heard lately, or silent; dead, possibly, once a steady talker is silent out of all proportion. */
function silenceState(evidence: ProcessEvidence, nowMs: number, settings: DiagnosisSettings): ProcessState {
  const { lastReceivedMs, longestPauseMs, connections } = evidence;
  const sdk = sdkCapabilitiesOf(evidence);
  const silentFromMs = lastReceivedMs + Math.max(settings.settleMs, 3 * sdk.batchDelayMs, 3 * (longestPauseMs ?? 0));
  if (nowMs < silentFromMs) return alive("heard-lately", silentFromMs);

  const silent: ProcessState = { ...alive("silence"), state: "silent" };
  const closed = lastClosed(connections);
  const isSteady = longestPauseMs !== null && requestsOf(evidence) >= RHYTHM_REQUESTS;
  if (closed === null || closed.closedBy === "server" || !isSteady || connections.some((connection) => !connection.direct)) return silent;
  const endedFromMs = lastReceivedMs + SILENCE_FACTOR * Math.max(settings.settleMs, sdk.batchDelayMs, longestPauseMs);
  if (nowMs < endedFromMs) return { ...silent, lookAgainAtMs: endedFromMs };
  return ended("possible", "long-silence", closed.closedMs);
}

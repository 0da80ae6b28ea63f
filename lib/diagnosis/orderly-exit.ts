import type { ProcessEvidence } from "./process-evidence";

/** An orderly exit closes its connection right after its last batch, 1 to 15 ms later (wire.md §6, §15). */
const ORDERLY_MS = 20;

/** When the last connection of a process closed, Unix ms; null while one is open or none is known. */
export function closedMsOf({ connections }: ProcessEvidence): number | null {
  let last: number | null = null;
  for (const { closedMs } of connections) {
    if (closedMs === null) return null;
    last = Math.max(last ?? 0, closedMs);
  }
  return last;
}

/** Its last batch left as it closed: the flush of an orderly exit. */
export function leftInOrder(process: ProcessEvidence): boolean {
  const closedMs = closedMsOf(process);
  return closedMs !== null && (closedMs - process.lastReceivedMs <= ORDERLY_MS || leftByExitHandler(process));
}

/** From opening a connection over one batch to closing it, at most: a flush at the exit, on a machine that may be busy. */
const ONE_FLUSH_MS = 250;
/** From the end of the session to the connection of the last batch, 3 to 15 ms (wire.md §15), where the machine is busy. */
const BUSY_MS = 100;

/**
 * All that it ever sent went over one connection, in one request, opened for it and closed behind it: it flushed and left. A process that is
 * killed is seldom killed just as it sends for the first time.
 *
 *   ┤●├
 */
export function flushedAndLeft(process: ProcessEvidence): boolean {
  if (leftInOrder(process)) return true;
  const [only, ...others] = process.connections;
  if (!only || others.length > 0 || only.closedMs === null) return false;
  return only.requests === 1 && only.closedMs - only.openedMs <= ONE_FLUSH_MS;
}

/**
 * The signature of Python's exit handlers: the session is closed, and a moment later a new connection brings the last batch (wire.md §15).
 * A forked child that leaves by `os._exit` runs none.
 *
 *   ●───●────┤
 *            ●┤
 */
export function leftByExitHandler(process: ProcessEvidence): boolean {
  const closedMs = closedMsOf(process);
  const last = process.connections.find((connection) => connection.lastReceivedMs === process.lastReceivedMs);
  if (closedMs === null || last === undefined) return false;
  const isOneFlush = last.requests === 1 && closedMs - last.openedMs <= ONE_FLUSH_MS;
  if (!isOneFlush && closedMs - process.lastReceivedMs > ORDERLY_MS) return false;
  return process.connections.some(
    (one) => one.closedMs !== null && one.closedMs <= last.openedMs && last.openedMs - one.closedMs <= BUSY_MS,
  );
}

/**
 * Whether the last of a worker's log records left as their connection closed: nothing that it logged was still waiting. Spans and logs of
 * OpenTelemetry leave by ways of their own, so one may be flushed and the other not.
 */
export function logsLeftInOrder(process: ProcessEvidence, logs: readonly { connectionId: string }[]): boolean {
  const { connections } = process;
  const carriers = new Set(logs.map(({ connectionId }) => connectionId));
  let last: ProcessEvidence["connections"][number] | null = null;
  for (const connection of connections) {
    if (carriers.has(connection.connectionId) && connection.lastReceivedMs >= (last?.lastReceivedMs ?? 0)) last = connection;
  }
  const graceMs = leftInOrder(process) ? BUSY_MS : ORDERLY_MS;
  return last !== null && last.closedMs !== null && last.closedMs - last.lastReceivedMs <= graceMs;
}

import { ProblemError } from "../problem-error";

/** Asks again (twice at most) only where that can help: a wrong or forbidden question stays wrong. For `retry` of a query. */
export function retryPassing(failureCount: number, error: Error): boolean {
  return failureCount < 2 && error instanceof ProblemError && error.isPassing;
}

const FAILED_PAUSE_MS = 5_000;

/**
 * While there is nothing to show because the server did not answer or was busy, the question is asked again every few seconds: no live
 * hint tells that a database is back. For `refetchInterval` of a query.
 */
export const askAgainWhileFailing = ({ state }: { state: { data: unknown; error: Error | null } }): number | false =>
  state.data === undefined && state.error instanceof ProblemError && state.error.isPassing ? FAILED_PAUSE_MS : false;

import { ProblemError } from "../problem-error";

/** Asks again (twice at most) only where that can help: a wrong or forbidden question stays wrong. For `retry` of a query. */
export function retryPassing(failureCount: number, error: Error): boolean {
  return failureCount < 2 && error instanceof ProblemError && error.isPassing;
}

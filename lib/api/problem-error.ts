import type { Problem } from "./contract/common";

/** An answer that says what went wrong (RFC 9457), or that there was no answer at all (`status` 0). `message` can be shown to the user. */
export class ProblemError extends Error {
  readonly status: number;
  readonly title: string;
  /** What to quote when reporting it; null when no server of ours answered. */
  readonly requestId: string | null;
  readonly errors: { path: string; message: string }[];

  constructor(problem: Pick<Problem, "status" | "title" | "detail"> & { requestId: string | null; errors?: Problem["errors"] }) {
    super(problem.detail);
    this.name = "ProblemError";
    this.status = problem.status;
    this.title = problem.title;
    this.requestId = problem.requestId;
    this.errors = problem.errors ?? [];
  }

  /** Whether asking again later may help: no answer, or the server said it is busy or down. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Reads the problem out of an answer that is not 2xx; a proxy's page of HTML becomes a problem, too. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const text = await response.text().catch(() => "");
  if (response.headers.get("content-type")?.startsWith("application/problem+json")) {
    try {
      return new ProblemError(JSON.parse(text) as Problem);
    } catch {
      // Cut off on the way: fall through to what the status alone says.
    }
  }
  return new ProblemError({
    status: response.status,
    title: response.statusText || "Error",
    detail: `The server answered ${response.status}${response.statusText ? ` ${response.statusText}` : ""}.`,
    requestId: response.headers.get("x-request-id"),
  });
}

/** Codes of failures that we expect; lib/http/problem.ts alone knows their HTTP numbers. */
export type ErrorCode =
  | "invalid_request"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "too_large"
  | "too_many_requests"
  | "unavailable";

/** A failure somebody can do something about. Its message is shown to the user; keep the cause for the log. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly errors: { path: string; message: string }[];

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; errors?: { path: string; message: string }[] } = {}) {
    super(message, { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.errors = options.errors ?? [];
  }
}

/** A start that cannot succeed: one clear line for the user and exit code 1, never a stack trace. */
export class StartError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "StartError";
  }
}

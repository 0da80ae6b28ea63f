import { GRPC_CODE, type RpcStatus } from "@/lib/otlp/answer";
import { LIMITS } from "./limits";

type GrpcCode = keyof typeof GRPC_CODE;

/** A request that is not taken: what its sender is told, over either protocol, and why (for metrics and the `reject` table). */
export class Refusal extends Error {
  readonly httpStatus: number;
  readonly grpcCode: number;
  /** Short and stable: `malformed`, `too-large`, `interleaved-requests` … */
  readonly reason: string;
  /** Set for what is worth sending again. */
  readonly retryAfterMs: number | undefined;
  /** Whether the connection must not be used again. */
  readonly closes: boolean;
  /** Further headers of an HTTP answer. */
  readonly headers: Record<string, string>;
  /** First bytes of what is refused, where they tell something. */
  readonly head: Buffer | null;

  constructor(
    httpStatus: number,
    grpcCode: GrpcCode,
    reason: string,
    message: string,
    options: { retryAfterMs?: number; closes?: boolean; headers?: Record<string, string>; head?: Buffer; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "Refusal";
    this.httpStatus = httpStatus;
    this.grpcCode = GRPC_CODE[grpcCode];
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
    this.closes = options.closes ?? false;
    this.headers = options.headers ?? {};
    this.head = options.head ?? null;
  }

  toStatus(): RpcStatus {
    return { code: this.grpcCode, message: this.message, retryAfterMs: this.retryAfterMs };
  }
}

/** A copy of the beginning of a body, to be kept as evidence: the body's own memory is used again. */
export const headOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.subarray(0, LIMITS.rejectHeadBytes));

/** 503: the one answer that every SDK takes as "later" (wire.md §8.1). Spread out, so that senders do not come back all at once. */
export const unavailable = (reason: string, message: string, options: { closes?: boolean; head?: Buffer; cause?: unknown } = {}): Refusal =>
  new Refusal(503, "unavailable", reason, message, {
    ...options,
    retryAfterMs: (LIMITS.retryAfterSeconds + Math.floor(Math.random() * (LIMITS.retryJitterSeconds + 1))) * 1000,
  });

export const malformed = (reason: string, message: string, options: { head?: Buffer; cause?: unknown } = {}): Refusal =>
  new Refusal(400, "invalidArgument", reason, message, options);

export const tooLarge = (what: string, maxBytes: number): Refusal =>
  new Refusal(
    413,
    "resourceExhausted",
    "too-large",
    `${what}: expected at most ${maxBytes / 1024 / 1024} MiB, also after decompression. Send smaller batches, or raise SPANWATCH_MAX_BODY_MIB.`,
  );

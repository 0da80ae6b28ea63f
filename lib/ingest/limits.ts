/** What one ingest process holds at most, and how long it waits. Sizes in bytes, durations in ms. */
export const LIMITS = {
  /** Inflated bytes of requests that are not answered yet, over all senders (reliability-security.md R6). */
  bytesInFlight: 128 * 1024 * 1024,
  /** Of one group commit: past these, larger groups hold the WAL flush without being faster (performance.md §2.3). */
  groupSpans: 5_000,
  groupBytes: 4 * 1024 * 1024,
  /** A request that no writer took up by then is refused, so that its sender keeps it: while the database is away, and while it works. */
  waitMs: 1_000,
  queuedMs: 8_000,
  /** A commit that takes longer (and longer than its size explains) is cut off; whether it went through, the ledger knows when the sender comes back. */
  commitMs: 8_000,
  commitBytesPerMs: 2_000,
  /** Seconds in `Retry-After`, and the longest on top of it, so that senders do not come back all at once. */
  retryAfterSeconds: 1,
  retryJitterSeconds: 3,
  /** Slowloris: for the headers, and for the whole request. */
  headersMs: 20_000,
  requestMs: 120_000,
  /** An exporter's connection is evidence as long as it lives; we never close it for being quiet (design, decision 2). */
  keepAliveMs: 2 * 3_600_000,
  /** For requests in flight when we are told to stop. */
  drainMs: 3_000,
  /** How much of a body that we refused is still read, so that its sender gets to see the answer. */
  lingerBytes: 64 * 1024 * 1024,
  lingerMs: 3_000,
  /** Of texts of ours that are indexed: btree takes 2 700 bytes. */
  identityChars: 256,
  userAgentChars: 256,
  /** What is kept of a body that was refused. */
  rejectHeadBytes: 2_048,
} as const;

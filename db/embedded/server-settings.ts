import { totalmem } from "node:os";

const MIB = 1024 * 1024;

/**
 * The settings of the embedded server, given on its command line, where they win over any file. What an answered request promises
 * (`fsync`, `full_page_writes`, `synchronous_commit`) stands here in words, so that a start repairs whatever was set otherwise.
 * `overrides` is for tests that need a server which forgets.
 */
export function serverSettings(overrides: Record<string, string> = {}, memoryBytes = memoryOfThisMachine()): Record<string, string> {
  return {
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    // A quarter of the memory, as PostgreSQL advises, but no more than the hot partitions need; it is touched only as it fills.
    shared_buffers: `${Math.max(32, Math.min(2048, Math.floor(memoryBytes / 4 / MIB)))}MB`,
    wal_buffers: "32MB",
    // Spans are written once: few checkpoints mean few full-page images. Recovery reads at most this much.
    max_wal_size: "4GB",
    min_wal_size: "256MB",
    // 813 bytes of WAL per span are cheap for the disk; the CPU is what ingest lacks (performance.md §2.1).
    wal_compression: "off",
    max_connections: "100",
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
    // The summary rows change all the time; look at them more often than once a minute.
    autovacuum_naptime: "15s",
    autovacuum_vacuum_cost_limit: "1000",
    ...overrides,
  };
}

/** What this process may use: the limit of its container, when there is one below the machine's memory. */
function memoryOfThisMachine(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

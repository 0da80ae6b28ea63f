import type { Db } from "@/db/client";
import { makePartitions } from "@/db/partitions";
import { dropExpired } from "@/db/retention";
import { logger } from "@/lib/logger";

const HOUR_MS = 3_600_000;
const FIRST_AFTER_MS = 30_000;
const AGAIN_MS = 60_000;

/** Every hour: partitions of the coming days, and what is older than the retention goes. Several schedulers may do it at once. */
export function keepUp(db: Db, retentionDays: number): { stop: () => Promise<void> } {
  let running: Promise<void> | null = null;
  let isStopped = false;
  let timer = setTimeout(start, FIRST_AFTER_MS);

  function start(): void {
    running = run().finally(() => {
      running = null;
    });
  }
  async function run(): Promise<void> {
    let nextMs = HOUR_MS;
    try {
      await makePartitions(db, Date.now());
      const dropped = await dropExpired(db, Date.now(), retentionDays);
      if (dropped.partitions + dropped.rows > 0) logger.info(dropped, "what is older than the retention is gone");
    } catch (error) {
      nextMs = AGAIN_MS;
      logger.error({ err: error }, "upkeep of the database failed: it is tried again in a minute");
    }
    if (!isStopped) timer = setTimeout(start, nextMs);
  }
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

import { randomUUID } from "node:crypto";
import { openDatabase } from "@/db/client";
import { listen } from "@/db/listen";
import type { Config } from "@/lib/config";
import { DEFAULT_SETTINGS } from "@/lib/diagnosis/settings";
import { keepUp } from "./upkeep";
import { WatchLoop } from "./watch-loop";

/** Starts the process where time passes: diagnosis of what arrives, and upkeep of the database. */
export function startScheduler(config: Config, databaseUrl: string): { close: () => Promise<void> } {
  const db = openDatabase(databaseUrl, { max: 6, statementTimeoutMs: 0, applicationName: "spanwatch scheduler" });
  const loop = new WatchLoop({ db, holder: randomUUID(), settings: { ...DEFAULT_SETTINGS, settleMs: config.settleMs } });
  const listener = listen({
    connectionString: databaseUrl,
    channel: "spanwatch_arrival",
    applicationName: "spanwatch scheduler listens",
    onNotification: () => loop.wake(),
    onListening: () => loop.wake(),
  });
  const upkeep = keepUp(db, config.retentionDays);
  loop.start();
  return {
    close: async () => {
      await Promise.all([listener.close(), loop.stop()]);
      await upkeep.stop();
      await db.$client.end();
    },
  };
}

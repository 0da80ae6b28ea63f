import { openDatabase } from "@/db/client";
import { migrate } from "@/db/migrate";
import { makePartitions } from "@/db/partitions";

/** Makes an empty database ours. */
export async function prepareDatabase(url: string): Promise<void> {
  await migrate(url);
  const db = openDatabase(url, { max: 1, statementTimeoutMs: 0, applicationName: "crash test" });
  await makePartitions(db, Date.now());
  await db.$client.end();
}

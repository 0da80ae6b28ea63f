import { closeConnectionsOf, listIngestsWithOpenConnections } from "@/db/queries/ingest/evidence";
import type { WriteConnection } from "@/db/write-connection";
import { contentId, newId } from "./ids";

/** The advisory lock that an ingest holds as long as it lives (and is connected). */
const lockOf = (ingestId: string): string => String(contentId("spanwatch ingest", ingestId));

/** Run on the connection whose session shall hold it. Tried only: right after a restart of the database the old session may linger. */
export const holdLock = (ingestId: string): string => `select pg_try_advisory_lock(${lockOf(ingestId)})`;

/**
 * Closes the connections of ingests that are gone, those whose lock nobody holds: as closed by us, which says nothing of the senders.
 * @returns how many there were
 */
export async function closeConnectionsOfTheDead({ client }: WriteConnection, ownId: string): Promise<number> {
  let closed = 0;
  for (const ingestId of await listIngestsWithOpenConnections(client, ownId)) {
    const { rows } = await client.query<{ free: boolean }>(`select pg_try_advisory_lock(${lockOf(ingestId)}) as free`);
    if (!rows[0]?.free) continue;
    try {
      closed += await closeConnectionsOf(client, ingestId, Date.now(), newId);
    } finally {
      await client.query(`select pg_advisory_unlock(${lockOf(ingestId)})`).catch(() => {});
    }
  }
  return closed;
}

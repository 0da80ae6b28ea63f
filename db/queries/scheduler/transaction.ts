import type pg from "pg";
import type { Db } from "@/db/client";

/** A pool's connection inside a transaction; what is written with it is seen by nobody until `inTransaction` returns. */
export type Transaction = pg.PoolClient;

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<T>(db: Db, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await db.$client.connect();
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    client.release();
    return result;
  } catch (error) {
    await client.query("rollback").then(
      () => client.release(),
      // A connection that cannot even roll back is of no use to the next.
      (failure: Error) => client.release(failure),
    );
    throw error;
  }
}

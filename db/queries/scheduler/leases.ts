import type { Db } from "@/db/client";
import type { Transaction } from "./transaction";

/**
 * Takes the lease, or renews it, by the database's clock.
 * @returns the fence of this holding, or null while somebody else holds it.
 */
export async function acquireLease(db: Db, name: string, holder: string, holdMs: number): Promise<string | null> {
  const { rows } = await db.$client.query<{ fence: string }>(
    `insert into lease (name, holder, fence, until) values ($1, $2, 1, now() + $3 * interval '1 ms')
     on conflict (name) do update set
       holder = excluded.holder,
       until = excluded.until,
       fence = case when lease.holder = excluded.holder then lease.fence else lease.fence + 1 end
     where lease.holder = excluded.holder or lease.until < now()
     returning fence`,
    [name, holder, holdMs],
  );
  return rows[0]?.fence ?? null;
}

/**
 * Whether the holding with this fence still stands, be it run out: until somebody else takes it, it does. Nobody can take it over until the
 * transaction ends.
 */
export async function isLeaseHeld(tx: Transaction, name: string, holder: string, fence: string): Promise<boolean> {
  const { rowCount } = await tx.query("select from lease where name = $1 and holder = $2 and fence = $3 for share", [name, holder, fence]);
  return rowCount === 1;
}

/** Gives the lease back, so that the next need not wait for its end. */
export async function releaseLease(db: Db, name: string, holder: string): Promise<void> {
  await db.$client.query("update lease set until = now() where name = $1 and holder = $2", [name, holder]);
}

import type { Db } from "@/db/client";
import { readRows } from "../prepared";
import type { Transaction } from "./transaction";

export interface HabitRow {
  service: string;
  remoteParents: number;
  neverReceived: number;
  distinctMissing: number;
}

/** How the remote parents of these services' SERVER spans have fared (wire.md O3b). */
export function listRemoteParentHabits(db: Db, projectId: number, services: readonly string[]): Promise<HabitRow[]> {
  return readRows<HabitRow>(
    db,
    "remote parent habits",
    `select service, remote_parents::float8 as "remoteParents", never_received::float8 as "neverReceived",
       distinct_missing::float8 as "distinctMissing"
     from remote_parent_habit where project_id = $1 and service = any($2::text[])`,
    [projectId, services],
  );
}

/** Beyond so many remote parents the counts are halved, so that a service that was mended is believed again. */
const COUNT_MAX = 1_000;

/** Adds what a settled trace showed. Services must differ within one project. */
export async function addRemoteParentHabits(
  tx: Transaction,
  added: readonly (HabitRow & { projectId: number })[],
  nowMs: number,
): Promise<void> {
  if (added.length === 0) return;
  await tx.query({
    name: "add remote parent habits",
    text: `insert into remote_parent_habit (project_id, service, remote_parents, never_received, distinct_missing, updated_ms)
           select *, $6::int8 from unnest($1::int4[], $2::text[], $3::int8[], $4::int8[], $5::int8[])
             as added (project_id, service, remote_parents, never_received, distinct_missing)
           order by project_id, service
           on conflict (project_id, service) do update set
             remote_parents = (remote_parent_habit.remote_parents + excluded.remote_parents) / ${shrink},
             never_received = (remote_parent_habit.never_received + excluded.never_received) / ${shrink},
             distinct_missing = (remote_parent_habit.distinct_missing + excluded.distinct_missing) / ${shrink},
             updated_ms = excluded.updated_ms`,
    values: [
      added.map((row) => row.projectId),
      added.map((row) => row.service),
      added.map((row) => row.remoteParents),
      added.map((row) => row.neverReceived),
      added.map((row) => row.distinctMissing),
      nowMs,
    ],
  });
}

const shrink = `case when remote_parent_habit.remote_parents + excluded.remote_parents > ${COUNT_MAX} then 2 else 1 end`;

import type { Db } from "@/db/client";
import { readTuples } from "../prepared";
import type { Transaction } from "./transaction";

export interface WorkerPlace {
  projectId: number;
  service: string;
  parent: string;
  template: string;
}

export interface WorkerHabitRow extends WorkerPlace {
  /** Rows of worker numbers, the newest first (lib/diagnosis/worker-habit). */
  runs: string[];
}

const keysOf = (places: readonly WorkerPlace[]) => [
  places.map((place) => place.projectId),
  places.map((place) => place.service),
  places.map((place) => place.parent),
  places.map((place) => place.template),
];

/** The latest runs of these workers; the unknown are left out. */
export async function listWorkerHabits(db: Db, places: readonly WorkerPlace[]): Promise<WorkerHabitRow[]> {
  const rows = await readTuples<[projectId: number, service: string, parent: string, template: string, runs: string[]]>(
    db,
    "worker habits",
    `select project_id, service, parent, template, to_json(runs) from worker_habit
     where (project_id, service, parent, template) in (select * from unnest($1::int4[], $2::text[], $3::text[], $4::text[]))`,
    keysOf(places),
  );
  return rows.map(([projectId, service, parent, template, runs]) => ({ projectId, service, parent, template, runs }));
}

/** As `listWorkerHabits`, locked until the transaction ends. */
export async function lockWorkerHabits(tx: Transaction, places: readonly WorkerPlace[]): Promise<WorkerHabitRow[]> {
  const { rows } = await tx.query<WorkerHabitRow>({
    name: "lock worker habits",
    text: `select project_id as "projectId", service, parent, template, runs from worker_habit
           where (project_id, service, parent, template) in (select * from unnest($1::int4[], $2::text[], $3::text[], $4::text[]))
           order by project_id, service, parent, template for update`,
    values: keysOf(places),
  });
  return rows;
}

export async function writeWorkerHabits(tx: Transaction, rows: readonly WorkerHabitRow[], nowMs: number): Promise<void> {
  if (rows.length === 0) return;
  await tx.query({
    name: "write worker habits",
    text: `insert into worker_habit (project_id, service, parent, template, runs, updated_ms)
           select project_id, service, parent, template, array(select json_array_elements_text(runs::json)), $6::int8
           from unnest($1::int4[], $2::text[], $3::text[], $4::text[], $5::text[]) as seen (project_id, service, parent, template, runs)
           order by project_id, service, parent, template
           on conflict (project_id, service, parent, template) do update set runs = excluded.runs, updated_ms = excluded.updated_ms`,
    values: [...keysOf(rows), rows.map(({ runs }) => JSON.stringify(runs)), nowMs],
  });
}

import type { Db } from "../../client";

/** Name of a project, or null when there is none. */
export async function findProjectName(db: Db, id: number): Promise<string | null> {
  const { rows } = await db.$client.query<{ name: string }>("select name from project where id = $1", [id]);
  return rows[0]?.name ?? null;
}

import type { Transaction } from "./scheduler/transaction";

/** Mutes an open finding, or lets a muted one be open again; others stay as they are. Its trace is due, so that lists count it no more. */
export async function updateFindingMuted(tx: Transaction, projectId: number, id: string, muted: boolean, nowMs: number): Promise<void> {
  const [from, to] = muted ? ["open", "muted"] : ["muted", "open"];
  const { rows } = await tx.query<{ traceId: string | null }>(
    `update finding set state = $3, muted_by_group = false where id = $1 and project_id = $2 and state = $4 returning trace_id as "traceId"`,
    [id, projectId, to, from],
  );
  await raiseTraces(
    tx,
    projectId,
    rows.flatMap(({ traceId }) => traceId ?? []),
    nowMs,
  );
}

/**
 * Keeps what somebody said of a group. With a verdict its open findings are muted; without, those are open again that were muted for it.
 * The scheduler does the same to what it finds from then on (scheduler/findings.ts), and cannot do it in between: it writes a group before
 * the group's findings.
 */
export async function updateGroupFeedback(
  tx: Transaction,
  projectId: number,
  groupId: string,
  verdict: string | null,
  nowMs: number,
): Promise<void> {
  await tx.query("update finding_group set feedback = $3, feedback_ms = $4 where id = $1 and project_id = $2", [
    groupId,
    projectId,
    verdict,
    verdict === null ? null : nowMs,
  ]);
  const [which, state] = verdict === null ? ["state = 'muted' and muted_by_group", "open"] : ["state = 'open'", "muted"];
  const { rows } = await tx.query<{ traceId: string | null }>(
    `with changed as (
       update finding set state = $3, muted_by_group = $4
       where id in (select id from finding where group_id = $1 and project_id = $2 and ${which} order by id for update)
       returning trace_id
     )
     select distinct trace_id as "traceId" from changed`,
    [groupId, projectId, state, verdict !== null],
  );
  await raiseTraces(
    tx,
    projectId,
    rows.flatMap(({ traceId }) => traceId ?? []),
    nowMs,
  );
}

/** Makes traces due, one a ms: what is due meanwhile need not wait for them all. Pages that are open ask again. */
async function raiseTraces(tx: Transaction, projectId: number, traceIds: readonly string[], nowMs: number): Promise<void> {
  if (traceIds.length === 0) return;
  await tx.query(
    `insert into trace_watch (trace_id, project_id, due_ms, last_received_ms)
     select trace_id, $1::int4, $3::int8 + row_number() over (order by trace_id), $3::int8
     from unnest($2::uuid[]) as changed (trace_id) order by trace_id
     on conflict (trace_id) do update set due_ms = least(trace_watch.due_ms, excluded.due_ms), version = trace_watch.version + 1`,
    [projectId, traceIds, nowMs],
  );
  await tx.query("select pg_notify('spanwatch_arrival', '')");
  const event = { type: "findings", projectId, traceIds: [], more: true };
  await tx.query("select pg_notify('spanwatch_live', $1)", [JSON.stringify(event)]);
}

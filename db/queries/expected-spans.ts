import type { Db } from "@/db/client";
import type { SpanKind } from "@/lib/otel/span";
import { readRows } from "./prepared";
import type { Transaction } from "./scheduler/transaction";

/** A rule by which spans may be open for long; what is null is not asked for. */
export interface ExpectedSpanRow {
  id: string;
  service: string | null;
  spanName: string | null;
  attribute: { key: string; value: string } | null;
  spanKind: SpanKind | null;
  createdMs: number;
}

type Condition = Omit<ExpectedSpanRow, "id" | "createdMs">;

const COLUMNS = `id, service, span_name as "spanName",
  case when attribute_key is not null then jsonb_build_object('key', attribute_key, 'value', attribute_value) end as attribute,
  span_kind as "spanKind", created_ms::float8 as "createdMs"`;

/** All rules of a project, the oldest first; they are few (lib/traces/expected-spans.ts bounds them). */
export function listExpectedSpans(db: Db, projectId: number): Promise<ExpectedSpanRow[]> {
  return readRows(db, "expected spans", `select ${COLUMNS} from expected_span where project_id = $1 order by created_ms, id`, [projectId]);
}

/** How many spans that are open now each of these rules lets be long; those that have none are not in the map. */
export async function countSpansExpected(db: Db, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await readRows<{ id: string; count: number }>(
    db,
    "spans expected",
    `select expected_id as id, count(*)::int4 as count from open_span where expected_id = any($1::text[]) group by expected_id`,
    [ids],
  );
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/** Locks the project's rules until the transaction ends, so that what is counted and compared stays so. @returns them all. */
export async function lockExpectedSpans(tx: Transaction, projectId: number): Promise<(ExpectedSpanRow & { fingerprint: string })[]> {
  await tx.query("select from project where id = $1 for no key update", [projectId]);
  const { rows } = await tx.query<ExpectedSpanRow & { fingerprint: string }>(
    `select ${COLUMNS}, fingerprint from expected_span where project_id = $1`,
    [projectId],
  );
  return rows;
}

/** Writes a rule, new or changed. */
export async function upsertExpectedSpan(
  tx: Transaction,
  projectId: number,
  { id, service, spanName, attribute, spanKind, createdMs, fingerprint }: ExpectedSpanRow & { fingerprint: string },
): Promise<void> {
  await tx.query(
    `insert into expected_span (id, project_id, service, span_name, attribute_key, attribute_value, span_kind, created_ms, fingerprint)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (id) do update set service = excluded.service, span_name = excluded.span_name, attribute_key = excluded.attribute_key,
       attribute_value = excluded.attribute_value, span_kind = excluded.span_kind, fingerprint = excluded.fingerprint`,
    [id, projectId, service, spanName, attribute?.key ?? null, attribute?.value ?? null, spanKind, createdMs, fingerprint],
  );
}

/** Removes a rule. */
export async function deleteExpectedSpan(tx: Transaction, projectId: number, id: string): Promise<void> {
  await tx.query("delete from expected_span where id = $1 and project_id = $2", [id, projectId]);
}

/**
 * Makes the traces due that have a span open that a rule may mean (its attribute and span kind aside, which `open_span` does not know), or
 * that it let be long until now. One a ms, so that what is due meanwhile need not wait for them all.
 */
export async function raiseTracesOfExpected(
  tx: Transaction,
  projectId: number,
  { id, service, spanName }: Pick<Condition, "service" | "spanName"> & { id: string },
  nowMs: number,
): Promise<void> {
  await tx.query(
    `insert into trace_watch (trace_id, project_id, due_ms, last_received_ms)
     select trace_id, $1::int4, $4::int8 + row_number() over (order by trace_id), $4::int8
     from (
       select distinct trace_id from open_span
       where project_id = $1 and (expected_id = $5 or (($2::text is null or service = $2) and ($3::text is null or name = $3)))
     ) as meant
     order by trace_id
     on conflict (trace_id) do update set due_ms = least(trace_watch.due_ms, excluded.due_ms), version = trace_watch.version + 1`,
    [projectId, service, spanName, nowMs, id],
  );
  await tx.query("select pg_notify('spanwatch_arrival', '')");
}

import type { CopyBuffer } from "@/db/copy-binary";
import { commitStatement, listKnownBodies } from "@/db/queries/ingest/commit";
import { insertResources, insertScopes } from "@/db/queries/ingest/dictionary";
import { type ProcessMetricRow, upsertProcessMetrics } from "@/db/queries/ingest/process-metrics";
import type { TraceSums } from "@/db/queries/ingest/trace-sums";
import { COPY_LOG_RECORDS, encodeLogRecords } from "@/db/queries/records/log-records";
import { COPY_SPAN_RECORDS, encodeSpanRecords } from "@/db/queries/records/span-records";
import type { Copy, Step, WriteConnection } from "@/db/write-connection";
import { commitRowsOf, type GroupedItem } from "./commit-rows";
import { DICTIONARY_STORED_MS } from "./dictionary";
import type { WriteItem } from "./write-item";

const TRIES_MAX = 4;

/**
 * Commits a group of requests of one project: records, summaries and evidence in one transaction, durable when this resolves. Bodies that
 * were committed before, or come twice in the group, are found by the ledger and not stored again.
 * @returns what became of each, and the traces that were written to.
 */
export async function commitGroup(
  connection: WriteConnection,
  items: readonly WriteItem[],
  ingestId: string,
): Promise<{ group: GroupedItem[]; traces: TraceSums }> {
  const known = new Set<string>();
  for (let tries = 1; ; tries++) {
    const group = withoutDuplicates(items, known);
    const nowMs = Date.now();
    const rows = commitRowsOf(group, (items[0] as WriteItem).projectId, ingestId, nowMs);
    const fresh = group.filter(({ outcome }) => outcome === "stored").map(({ item }) => item);
    const results = await connection.begin([...dictionarySteps(items, nowMs), ...recordSteps(fresh), commitStatement(rows)]);
    const newBodies = Number(results.at(-1)?.[0]?.[0]);
    if (newBodies === rows.ledger.length) {
      await connection.commit();
      noteStored(items, nowMs);
      return { group, traces: rows.traces };
    }
    await connection.rollback();
    if (tries === TRIES_MAX) throw new Error(`The ledger kept changing: ${newBodies} of ${rows.ledger.length} bodies are new.`);
    for (const sha of await listKnownBodies(
      connection.client,
      rows.ledger.map((row) => row.bodySha),
    ))
      known.add(sha);
  }
}

/** The first of several equal bodies is stored, unless it was before. */
function withoutDuplicates(items: readonly WriteItem[], known: ReadonlySet<string>): GroupedItem[] {
  const seen = new Set(known);
  return items.map((item) => {
    if (item.bodySha === null) return { item, outcome: "stored" };
    const sha = item.bodySha.toString("hex");
    const outcome = seen.has(sha) ? "duplicate" : "stored";
    seen.add(sha);
    return { item, outcome };
  });
}

/** Resources and scopes that may not be in the database yet. They are few: an SDK sends the same ones for as long as it runs. */
function dictionarySteps(items: readonly WriteItem[], nowMs: number): Step[] {
  const isMissing = (entry: { storedUntilMs: number }) => entry.storedUntilMs <= nowMs;
  const resources = new Map(
    items
      .flatMap((item) => item.resources)
      .filter(isMissing)
      .map((resource) => [resource.id, resource]),
  );
  const scopes = new Map(
    items
      .flatMap((item) => item.scopes)
      .filter(isMissing)
      .map((scope) => [scope.id, scope]),
  );
  const steps: Step[] = [];
  if (resources.size > 0) steps.push(insertResources([...resources.values()], nowMs));
  if (scopes.size > 0) steps.push(insertScopes([...scopes.values()]));
  return steps;
}

function noteStored(items: readonly WriteItem[], nowMs: number): void {
  for (const { resources, scopes } of items) {
    for (const entry of [...resources, ...scopes]) if (entry.storedUntilMs <= nowMs) entry.storedUntilMs = nowMs + DICTIONARY_STORED_MS;
  }
}

function recordSteps(items: readonly WriteItem[]): Step[] {
  const steps: Step[] = [];
  const withSpans = items.filter(({ batch }) => batch.spans.count > 0);
  const withLogs = items.filter(({ batch }) => batch.logs.count > 0);
  if (withSpans.length > 0) steps.push(copyOf(COPY_SPAN_RECORDS, withSpans, encodeSpanRecords, ({ batch }) => batch.spans.count));
  if (withLogs.length > 0) steps.push(copyOf(COPY_LOG_RECORDS, withLogs, encodeLogRecords, ({ batch }) => batch.logs.count));
  const metrics = new Map<string, ProcessMetricRow>();
  for (const row of items.flatMap((item) => item.metrics)) {
    const key = `${row.processId}/${row.name}/${row.attributes}`;
    const known = row.isDelta ? metrics.get(key) : undefined;
    metrics.set(key, known && known.timeNs < row.timeNs ? { ...row, value: row.value + known.value } : row);
  }
  if (metrics.size > 0) steps.push(upsertProcessMetrics([...metrics.values()]));
  return steps;
}

type Encode = (out: CopyBuffer, batch: WriteItem["batch"], context: WriteItem["context"], from: number) => number;

/** The rows of several requests, a buffer full at a time. */
function copyOf(copy: string, items: readonly WriteItem[], encode: Encode, countOf: (item: WriteItem) => number): Copy {
  let index = 0;
  let row = 0;
  return {
    copy,
    fill(out) {
      for (let item = items[index]; item && !out.isFull; item = items[index]) {
        row = encode(out, item.batch, item.context, row);
        if (row < countOf(item)) return true;
        index += 1;
        row = 0;
      }
      return index < items.length;
    },
  };
}

import { listResources, listScopes } from "@/db/queries/dictionaries";
import { listFindingsOfTrace } from "@/db/queries/finding-lists";
import { listPids } from "@/db/queries/processes";
import { listSpanReports, type SpanReport } from "@/db/queries/spans";
import type { SpanDetails, SpanJson } from "@/lib/api/contract/traces";
import type { Context } from "@/lib/auth/context";
import { AppError } from "@/lib/errors";
import { decodeAttributes } from "@/lib/otel/attributes";
import { decodeEvents, decodeLinks } from "@/lib/otel/events";
import type { SpanId, TraceId } from "@/lib/otel/ids";
import type { Span, SpanRecord } from "@/lib/otel/span";
import { decidingRecord } from "@/lib/span-tree/resolve-spans";
import { inTurns } from "./in-turns";
import { momentOf } from "./moment";
import { presentAttributes } from "./present-attributes";
import { presentingSpans } from "./present-spans";
import { readTrace } from "./read-trace";
import { saidOfSpans } from "./said-of-spans";
import { shownRecord } from "./shown-record";

/**
 * One span whole: what it carries, and every report received of it. The whole trace is concluded for it, because who sent an end, and
 * where the span stands, shows only there. A missing parent has a row and nothing else.
 *
 * @param variant which of the spans that share the id, 0 for the first.
 * @throws AppError `not_found` when the viewer's project has no such trace, or the trace no such span.
 */
export async function loadSpan(ctx: Context, traceId: TraceId, spanId: SpanId, variant = 0): Promise<SpanDetails> {
  const { db, viewer } = ctx;
  const [known, reports, findings] = await Promise.all([
    readTrace(ctx, traceId),
    listSpanReports(db, viewer.projectId, traceId, spanId),
    listFindingsOfTrace(db, viewer.projectId, traceId),
  ]);
  const rows = await inTurns(presentingSpans(known, saidOfSpans(findings)));
  const row = rows.find((one) => one.spanId === spanId && one.variant === variant);
  if (!row) throw new AppError("not_found", "The trace has no such span.");
  const span = known.spans.find((one) => one.spanId === spanId && one.variant === variant);
  return span ? details(ctx, row, span, reports) : NOTHING_BUT(row);
}

async function details({ db }: Context, row: SpanJson, span: Span, reports: readonly SpanReport[]): Promise<SpanDetails> {
  const deciding = decidingRecord(span);
  const shown = shownRecord(span);
  const report = reports.find((one) => isSameReport(one.record, shown));
  const [resources, scopes, pids] = await Promise.all([
    listResources(db, [span.resourceId]),
    listScopes(db, [span.scopeId]),
    listPids(db, [...new Set(span.records.map((record) => record.processId))]),
  ]);
  const resource = resources.get(span.resourceId);
  const scope = scopes.get(span.scopeId);
  return {
    span: row,
    attributes: presentAttributes(decodeAttributes(report?.attributes ?? NO_BYTES)),
    resourceAttributes: presentAttributes(decodeAttributes(resource?.attributes ?? NO_BYTES)),
    scope: { name: scope?.name ?? "", version: scope?.version ?? "" },
    traceState: report?.traceState ?? null,
    flags: span.flags,
    droppedCount: report?.droppedCount ?? 0,
    events: decodeEvents(report?.events ?? NO_BYTES).map(({ name, timeUnixNano, attributes }) => ({
      name,
      timeUnixNano: timeUnixNano.toString(),
      attributes: presentAttributes(attributes),
    })),
    links: decodeLinks(report?.links ?? NO_BYTES).map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      attributes: presentAttributes(link.attributes),
    })),
    records: span.records.map((record) => presentRecord(record, record === deciding, pids.get(record.processId) ?? null)),
  };
}

const presentRecord = (record: SpanRecord, decides: boolean, pid: number | null): SpanDetails["records"][number] => ({
  phase: record.phase,
  dialect: record.dialect,
  name: record.name,
  parentSpanId: record.parentSpanId,
  startTimeUnixNano: record.startTimeUnixNano.toString(),
  endTimeUnixNano: record.endTimeUnixNano === null ? null : record.endTimeUnixNano.toString(),
  statusCode: record.statusCode,
  receivedAt: momentOf(record.receivedMs),
  requestId: record.requestId,
  connectionId: record.connectionId,
  processId: record.processId,
  pid,
  decides,
});

const NO_BYTES = new Uint8Array();

const NOTHING_BUT = (row: SpanJson): SpanDetails => ({
  span: row,
  attributes: [],
  resourceAttributes: [],
  scope: { name: "", version: "" },
  traceState: null,
  flags: 0,
  droppedCount: 0,
  events: [],
  links: [],
  records: [],
});

/** Whether two readings of the database show the same row, as far as a reader could tell rows apart. */
function isSameReport(a: SpanRecord, b: SpanRecord): boolean {
  return (
    a.requestId === b.requestId &&
    a.phase === b.phase &&
    a.name === b.name &&
    a.processId === b.processId &&
    a.startTimeUnixNano === b.startTimeUnixNano &&
    a.endTimeUnixNano === b.endTimeUnixNano &&
    a.receivedMs === b.receivedMs
  );
}

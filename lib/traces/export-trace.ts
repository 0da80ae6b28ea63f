import { listResources, listScopes, type ResourceContent, type ScopeContent } from "@/db/queries/dictionaries";
import { listLogSigns } from "@/db/queries/logs";
import { listSpanReports, type SpanReport } from "@/db/queries/spans";
import { findTrace } from "@/db/queries/traces";
import type { Context } from "@/lib/auth/context";
import { decodeAttributes } from "@/lib/otel/attributes";
import { decodeEvents, decodeLinks } from "@/lib/otel/events";
import { isTraceId, type TraceId } from "@/lib/otel/ids";
import type { Span, SpanRecord } from "@/lib/otel/span";
import { type ExportedSpan, encodeTracesJson } from "@/lib/otlp/encode-json";
import { needsLogs, resolvingSpans } from "@/lib/span-tree/resolve-spans";
import { inTurns } from "./in-turns";
import { noSuchTrace } from "./read-trace";
import { shownRecord } from "./shown-record";

/** Spans that are written at once, between which others get a turn. */
const SPANS_AT_ONCE = 200;

/**
 * A trace as OTLP JSON (TracesData), each span once, as it was concluded; an open span has no end. In pieces that joined are the whole
 * text, so that a large trace is never one text in memory.
 * @throws AppError `not_found` when the viewer's project has no such trace.
 */
export async function exportTrace({ db, viewer }: Context, traceId: TraceId): Promise<AsyncIterable<string>> {
  const { projectId } = viewer;
  if (!isTraceId(traceId) || (await findTrace(db, projectId, traceId)) === null) throw noSuchTrace();
  const reports = await listSpanReports(db, projectId, traceId, null);
  const byRecord = new Map(reports.map((report) => [report.record, report]));
  const records = reports.map((report) => report.record);
  let spans = await inTurns(resolvingSpans(records));
  if (needsLogs(spans)) spans = await inTurns(resolvingSpans(records, await listLogSigns(db, projectId, traceId)));
  const [resources, scopes] = await Promise.all([
    listResources(db, [...new Set(spans.map((span) => span.resourceId))]),
    listScopes(db, [...new Set(spans.map((span) => span.scopeId))]),
  ]);
  return pieces(spans, byRecord, resources, scopes);
}

async function* pieces(
  spans: readonly Span[],
  reports: ReadonlyMap<SpanRecord, SpanReport>,
  resources: ReadonlyMap<string, ResourceContent>,
  scopes: ReadonlyMap<string, ScopeContent>,
): AsyncGenerator<string> {
  let before = '{"resourceSpans":[';
  for (const { resourceId, scopeId, members } of bySender(spans)) {
    for (let at = 0; at < members.length; at += SPANS_AT_ONCE) {
      const some = members.slice(at, at + SPANS_AT_ONCE).map((span) => exportSpan(span, reports.get(shownRecord(span))));
      yield before + JSON.stringify(resourceSpans(resources.get(resourceId), scopes.get(scopeId), some));
      before = ",";
      await new Promise(setImmediate);
    }
  }
  yield before === "," ? "]}" : `${before}]}`;
}

/** Spans by resource and scope, as OTLP groups them. */
function bySender(spans: readonly Span[]) {
  const groups = new Map<string, { resourceId: string; scopeId: string; members: Span[] }>();
  for (const span of spans) {
    const key = `${span.resourceId} ${span.scopeId}`;
    const group = groups.get(key);
    if (group) group.members.push(span);
    else groups.set(key, { resourceId: span.resourceId, scopeId: span.scopeId, members: [span] });
  }
  return groups.values();
}

function resourceSpans(resource: ResourceContent | undefined, scope: ScopeContent | undefined, spans: ExportedSpan[]): unknown {
  const { resourceSpans } = encodeTracesJson([
    {
      attributes: decodeAttributes(resource?.attributes ?? new Uint8Array()),
      schemaUrl: resource?.schemaUrl ?? "",
      scopes: [
        {
          name: scope?.name ?? "",
          version: scope?.version ?? "",
          attributes: decodeAttributes(scope?.attributes ?? new Uint8Array()),
          schemaUrl: scope?.schemaUrl ?? "",
          spans,
        },
      ],
    },
  ]) as { resourceSpans: unknown[] };
  return resourceSpans[0];
}

const exportSpan = (span: Span, report: SpanReport | undefined): ExportedSpan => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId,
  traceState: report?.traceState ?? null,
  flags: span.flags,
  name: span.name,
  kind: span.kind,
  startTimeUnixNano: span.startTimeUnixNano,
  endTimeUnixNano: span.endTimeUnixNano,
  attributes: decodeAttributes(report?.attributes ?? new Uint8Array()),
  events: decodeEvents(report?.events ?? new Uint8Array()),
  links: decodeLinks(report?.links ?? new Uint8Array()),
  droppedCount: report?.droppedCount ?? 0,
  statusCode: span.statusCode,
  statusMessage: span.statusMessage,
});

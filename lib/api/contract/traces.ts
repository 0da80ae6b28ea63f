import { z } from "zod";
import { CERTAINTIES, FAMILIES, KINDS, SEVERITIES } from "@/lib/diagnosis/finding";
import { DIALECTS, PHASES, SPAN_KINDS, SPAN_STATES, STATUS_CODES } from "@/lib/otel/span";
import { AttributeJson, HexSpanId, HexTraceId, listOf, Moment, OwnId, Page, SpanIdParam, UnixNanoText } from "./common";
import { FindingJson, ProposedParentJson } from "./findings";

export const TraceSummary = z
  .object({
    traceId: HexTraceId,
    rootName: z.string().nullable(),
    rootService: z.string().nullable(),
    services: z.array(z.string()),
    startTimeUnixNano: UnixNanoText.nullable(),
    /** Latest end received; null while none was. */
    endTimeUnixNano: UnixNanoText.nullable(),
    durationMs: z.number().nullable(),
    spanCount: z.int(),
    errorCount: z.int(),
    logCount: z.int(),
    openCount: z.int(),
    missingCount: z.int(),
    findingCount: z.int(),
    worstSeverity: z.enum(SEVERITIES).nullable(),
    kinds: z.array(z.enum(KINDS)),
    firstReceivedAt: Moment,
    lastReceivedAt: Moment,
    settled: z.boolean(),
  })
  .meta({ id: "TraceSummary" });
export type TraceSummary = z.infer<typeof TraceSummary>;

export const TracesQuery = z.object({
  ...Page,
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  service: z.string().max(255).optional(),
  /** Root span name, exact. */
  name: z.string().max(1024).optional(),
  status: z.enum(["ok", "error"]).optional(),
  /** ms */
  minDuration: z.coerce.number().min(0).optional(),
  maxDuration: z.coerce.number().min(0).optional(),
  /** `key=value`, may be given several times. */
  attr: z
    .union([z.string(), z.array(z.string())])
    .transform((one) => (Array.isArray(one) ? one : [one]))
    .pipe(
      z
        .array(
          z
            .string()
            .max(1024)
            .regex(/^[^=]+=/, "key=value"),
        )
        .max(8),
    )
    .optional(),
  kind: z.enum(KINDS).optional(),
  family: z.enum(FAMILIES).optional(),
  state: z.enum(["ongoing", "settled", "with-findings", "healthy"]).optional(),
  /** Substring of root name or service, or a trace id. */
  q: z.string().max(256).optional(),
});
export type TracesQuery = z.infer<typeof TracesQuery>;
export const TracesResponse = listOf(TraceSummary).extend({
  /** True when an attribute filter stopped at its bound before it had looked at every trace. */
  partial: z.boolean(),
});
export type TracesResponse = z.infer<typeof TracesResponse>;

/** A span in reading order. A missing parent is a row like the others: state `missing`, its times the envelope of its children. */
export const SpanJson = z
  .object({
    spanId: HexSpanId,
    parentSpanId: HexSpanId.nullable(),
    /** As intended: the parent that a finding proposes beside the one that was received; null where none does. */
    proposedParent: ProposedParentJson.extend({ findingId: z.string(), certainty: z.enum(CERTAINTIES) }).nullable(),
    /** 0, 1, 2 … for several spans that share one id. */
    variant: z.int(),
    depth: z.int(),
    childCount: z.int(),
    name: z.string(),
    service: z.string(),
    kind: z.enum(SPAN_KINDS),
    statusCode: z.enum(STATUS_CODES),
    statusMessage: z.string().nullable(),
    state: z.enum(SPAN_STATES),
    startTimeUnixNano: UnixNanoText,
    endTimeUnixNano: UnixNanoText.nullable(),
    /** Last sign of life of an open span: its own or its subtree's, ns. */
    lastActivityUnixNano: UnixNanoText.nullable(),
    processId: OwnId.nullable(),
    logCount: z.int(),
    marks: z.array(z.string()),
    /** Set on the member above which a cycle was cut. */
    cycleCut: z.boolean(),
  })
  .meta({ id: "Span" });
export type SpanJson = z.infer<typeof SpanJson>;

export const ProcessJson = z
  .object({
    id: OwnId,
    service: z.string(),
    pid: z.int().nullable(),
    serviceInstanceId: z.string().nullable(),
    host: z.string().nullable(),
    sdk: z.string(),
    state: z.enum(["alive", "silent", "ended", "unknown"]),
    certainty: z.enum(["proved", "likely", "possible"]).nullable(),
    /** How we know, one sentence. */
    because: z.string(),
    endedAt: Moment.nullable(),
    firstReceivedAt: Moment,
    lastReceivedAt: Moment,
    openSpans: z.int(),
    connections: z.array(
      z.object({
        id: OwnId,
        protocol: z.string(),
        peer: z.string(),
        openedAt: Moment,
        closedAt: Moment.nullable(),
        closedBy: z.enum(["client", "reset", "server"]).nullable(),
        direct: z.boolean(),
        requests: z.int(),
      }),
    ),
  })
  .meta({ id: "Process" });
export type ProcessJson = z.infer<typeof ProcessJson>;

export const TraceResponse = z.object({
  trace: TraceSummary,
  spans: z.array(SpanJson),
  findings: z.array(FindingJson),
  processes: z.array(ProcessJson),
  /** Quiet for the settling time and looked at since: what is missing now is called missing. */
  settled: z.boolean(),
  /** Server clock when this was answered. */
  now: Moment,
});
export type TraceResponse = z.infer<typeof TraceResponse>;

const SpanRecordJson = z
  .object({
    phase: z.enum(PHASES),
    dialect: z.enum(DIALECTS),
    name: z.string(),
    parentSpanId: HexSpanId.nullable(),
    startTimeUnixNano: UnixNanoText,
    endTimeUnixNano: UnixNanoText.nullable(),
    statusCode: z.enum(STATUS_CODES),
    receivedAt: Moment,
    requestId: OwnId,
    connectionId: OwnId,
    processId: OwnId,
    pid: z.int().nullable(),
    /** Whether the span shown takes its end from this record. */
    decides: z.boolean(),
  })
  .meta({ id: "SpanRecord" });
export const SpanQuery = z.object({
  /** Which of the spans that share the id. */
  variant: z.coerce.number().int().min(0).max(1_000_000).default(0),
});
export const SpanDetails = z.object({
  span: SpanJson,
  attributes: z.array(AttributeJson),
  resourceAttributes: z.array(AttributeJson),
  scope: z.object({ name: z.string(), version: z.string() }),
  traceState: z.string().nullable(),
  flags: z.int(),
  droppedCount: z.int(),
  events: z.array(z.object({ name: z.string(), timeUnixNano: UnixNanoText, attributes: z.array(AttributeJson) })),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string(), attributes: z.array(AttributeJson) })),
  records: z.array(SpanRecordJson),
});
export type SpanDetails = z.infer<typeof SpanDetails>;

export const LogJson = z
  .object({
    traceId: HexTraceId.nullable(),
    spanId: HexSpanId.nullable(),
    timeUnixNano: UnixNanoText,
    severityNumber: z.int(),
    severityText: z.string(),
    eventName: z.string().nullable(),
    message: z.string(),
    service: z.string(),
    processId: OwnId,
    attributes: z.array(AttributeJson),
    receivedAt: Moment,
  })
  .meta({ id: "LogRecord" });
export type LogJson = z.infer<typeof LogJson>;
export const LogsQuery = z.object({ ...Page, spanId: SpanIdParam.optional() });
export type LogsQuery = z.infer<typeof LogsQuery>;
export const LogsResponse = listOf(LogJson);
export type LogsResponse = z.infer<typeof LogsResponse>;

export const OpenSpanJson = z
  .object({
    traceId: HexTraceId,
    spanId: HexSpanId,
    name: z.string(),
    service: z.string(),
    state: z.enum(["ongoing", "stale", "abandoned", "missing"]),
    startTimeUnixNano: UnixNanoText,
    ageMs: z.number(),
    /** What is usual for this service and span name (p95 of closed spans), or null without history. */
    usualMs: z.number().nullable(),
    usualCount: z.int(),
    callSite: z.string().nullable(),
    processId: OwnId,
    processState: z.enum(["alive", "silent", "ended", "unknown"]),
    pid: z.int().nullable(),
    lastActivityAt: Moment,
    findingId: z.string().nullable(),
  })
  .meta({ id: "OpenSpan" });
export type OpenSpanJson = z.infer<typeof OpenSpanJson>;
export const OpenSpansQuery = z.object({
  ...Page,
  service: z.string().max(255).optional(),
  state: z.enum(["ongoing", "stale", "abandoned", "missing"]).optional(),
  /** Only spans open for at least so long, ms. */
  minAge: z.coerce.number().min(0).optional(),
});
export type OpenSpansQuery = z.infer<typeof OpenSpansQuery>;
export const OpenSpansResponse = listOf(OpenSpanJson);
export type OpenSpansResponse = z.infer<typeof OpenSpansResponse>;

export const ProcessesQuery = z.object({ ...Page, service: z.string().max(255).optional() });
export type ProcessesQuery = z.infer<typeof ProcessesQuery>;
export const ProcessesResponse = listOf(ProcessJson);
export type ProcessesResponse = z.infer<typeof ProcessesResponse>;

import { z } from "zod";
import { CAUSES, CERTAINTIES, FAMILIES, FINDING_STATES, KINDS, SEVERITIES, VERDICTS } from "@/lib/diagnosis/finding";
import { HexSpanId, HexTraceId, listOf, Moment, OwnId, Page, TraceIdParam } from "./common";

/** The parent that a span was most likely meant to have. */
export const ProposedParentJson = z
  .object({
    /** Trace of that parent; perhaps another than the span's. */
    traceId: HexTraceId,
    /** Null: the span belongs at the top, below nothing. */
    parentSpanId: HexSpanId.nullable(),
  })
  .meta({ id: "ProposedParent" });

/** A finding as design §6 gives it, worded in the reader's language (`Accept-Language` or `?lang=en|zh`). */
export const FindingJson = z
  .object({
    id: z.string(),
    kind: z.enum(KINDS),
    family: z.enum(FAMILIES),
    severity: z.enum(SEVERITIES),
    certainty: z.enum(CERTAINTIES),
    state: z.enum(FINDING_STATES),
    service: z.string(),
    spanName: z.string(),
    traceId: HexTraceId.nullable(),
    spanIds: z.array(HexSpanId),
    missingSpanId: HexSpanId.nullable(),
    /** As intended: where spans with a wrong parent most likely belong. What was received is not changed by it. */
    proposedParents: z.array(z.object({ spanId: HexSpanId, ...ProposedParentJson.shape })),
    process: z
      .object({
        id: OwnId,
        pid: z.int().nullable(),
        serviceInstanceId: z.string().nullable(),
        host: z.string().nullable(),
        connectionId: OwnId.nullable(),
        state: z.enum(["alive", "silent", "ended", "unknown"]),
      })
      .nullable(),
    title: z.string(),
    count: z.int(),
    cause: z.enum(CAUSES).nullable(),
    causes: z.array(z.object({ id: z.enum(CAUSES), name: z.string(), certainty: z.enum(CERTAINTIES), because: z.string() })),
    evidence: z.array(
      z.object({
        text: z.string(),
        ref: z.object({ type: z.enum(["span", "trace", "process", "connection", "request", "log"]), id: z.string() }).nullable(),
      }),
    ),
    advice: z.array(
      z.object({ id: z.string(), title: z.string(), snippet: z.string(), language: z.string().nullable(), docs: z.string() }),
    ),
    retractedBy: z.string(),
    closedBecause: z.string().nullable(),
    groupId: z.string(),
    /** The end of a process that it is a part of: what one end left behind has one of these in common, whatever its kind and name. */
    incidentId: z.string().nullable(),
    /** What somebody said of its group; `cameBack`: it was said to be fixed before this was seen. */
    feedback: z.object({ verdict: z.enum(VERDICTS), at: Moment, cameBack: z.boolean() }).nullable(),
    openedAt: Moment,
    lastEvidenceAt: Moment,
    closedAt: Moment.nullable(),
  })
  .meta({ id: "Finding" });
export type FindingJson = z.infer<typeof FindingJson>;

export const FindingParams = z.object({ findingId: z.string().min(1).max(64).describe("A finding's id.") });
export const FeedbackRequest = z.strictObject({
  verdict: z.enum(VERDICTS).nullable().describe("Null takes back what was said."),
});
export type FeedbackRequest = z.infer<typeof FeedbackRequest>;

export const FindingsQuery = z.object({
  ...Page,
  kind: z.enum(KINDS).optional(),
  family: z.enum(FAMILIES).optional(),
  state: z.enum([...FINDING_STATES, "all"]).default("open"),
  service: z.string().max(255).optional(),
  traceId: TraceIdParam.optional(),
  groupId: z.string().max(64).optional(),
  incidentId: z.string().max(64).optional(),
  certainty: z.enum(CERTAINTIES).optional(),
  severity: z.enum(SEVERITIES).optional(),
});
export type FindingsQuery = z.infer<typeof FindingsQuery>;
export const FindingsResponse = listOf(FindingJson);
export type FindingsResponse = z.infer<typeof FindingsResponse>;

export const FindingGroupJson = z
  .object({
    id: z.string(),
    kind: z.enum(KINDS),
    family: z.enum(FAMILIES),
    service: z.string(),
    spanName: z.string(),
    cause: z.enum(CAUSES).nullable(),
    severity: z.enum(SEVERITIES),
    certainty: z.enum(CERTAINTIES),
    /** Sentence of the youngest finding. */
    title: z.string(),
    openCount: z.int(),
    totalCount: z.int(),
    /** Of those not open, how many are muted: a group of muted findings is not gone. */
    mutedCount: z.int(),
    /** Whether new ones are muted as they come. */
    muted: z.boolean(),
    /** What somebody said of it; `cameBackAt`: the first that was seen after it was said to be fixed. */
    feedback: z.object({ verdict: z.enum(VERDICTS), at: Moment, cameBackAt: Moment.nullable() }).nullable(),
    /** Of the ends of processes that this group stands for: how many there are, and what they left open in this and other groups. */
    incident: z.object({ processes: z.int(), findings: z.int(), groups: z.int() }).nullable(),
    firstSeenAt: Moment,
    lastSeenAt: Moment,
    /** Findings opened per day, the last 14 days, oldest first. */
    trend: z.array(z.int()),
    /** How often it happens, run by run; null when nothing opened in a trace in the last 14 days. A run is a trace with the same root span. */
    runs: z
      .object({
        /** Name of the root span, or null when none arrived: then any trace of the service counts. */
        of: z.string().nullable(),
        /** Runs of the last 14 days in which it happened, and in how many places each, at least and at most. */
        affected: z.int(),
        least: z.int(),
        most: z.int(),
        lastOpenedAt: Moment,
        /** Runs begun after the last of those that have ended without it; with `more`, at least so many. */
        since: z.int(),
        more: z.boolean(),
      })
      .nullable(),
    latest: z.object({ id: z.string(), traceId: HexTraceId.nullable(), spanId: HexSpanId.nullable() }),
  })
  .meta({ id: "FindingGroup" });
export type FindingGroupJson = z.infer<typeof FindingGroupJson>;
export const FindingGroupsQuery = z.object({
  ...Page,
  family: z.enum(FAMILIES).optional(),
  kind: z.enum(KINDS).optional(),
  service: z.string().max(255).optional(),
  state: z
    .enum(["open", "muted", "all"])
    .default("open")
    .describe("`open`: groups with an open finding; `muted`: of which something was said, or with a muted one."),
  leadId: z.string().max(64).optional().describe("Groups that are shown under this one, because the same ends of processes left them."),
  severity: z.enum(SEVERITIES).optional(),
  certainty: z.enum(CERTAINTIES).optional(),
});
export type FindingGroupsQuery = z.infer<typeof FindingGroupsQuery>;
export const FindingGroupsResponse = listOf(FindingGroupJson);
export type FindingGroupsResponse = z.infer<typeof FindingGroupsResponse>;

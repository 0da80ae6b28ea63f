import { z } from "zod";
import { Moment, OwnId, UnixNanoText } from "./common";
import { FindingJson } from "./findings";
import { ProcessJson, TraceSummary } from "./traces";

const Row = z.int().min(0);

/**
 * The answer of `GET /api/traces/{traceId}` for drawing: the same rows in the same order, as columns. 100 000 spans are 6 MB of numbers
 * instead of 45 MB of objects, and the browser parses them in 50 ms instead of 600. What is not drawn (status messages, attributes) is
 * left to `GET …/spans/{spanId}`; parents and numbers of children follow from the depths, because rows are in reading order.
 */
export const TraceColumns = z.object({
  trace: TraceSummary,
  findings: z.array(FindingJson),
  processes: z.array(ProcessJson),
  settled: z.boolean(),
  now: Moment,
  /** What `start` counts from. */
  baseUnixNano: UnixNanoText,
  names: z.array(z.string()),
  services: z.array(z.string()),
  processIds: z.array(OwnId),
  spans: z.object({
    count: z.int(),
    /** 16 hex digits a span, without anything between. */
    ids: z.string(),
    depth: z.array(z.int()),
    /** Index into `names`, `services`, `processIds` (−1: no process). */
    name: z.array(z.int()),
    service: z.array(z.int()),
    process: z.array(z.int()),
    /** One digit a span: index into SPAN_KINDS, STATUS_CODES, SPAN_STATES. */
    kind: z.string(),
    status: z.string(),
    state: z.string(),
    /** ns since the base; exact up to 104 days from it. */
    start: z.array(z.number()),
    /** ns; 0 where there is no end (see `open`). Negative where the end came before the start. */
    duration: z.array(z.number()),
    /** Spans without an end: row, ns since the base of the last sign of life, or null. */
    open: z.array(z.tuple([Row, z.number().nullable()])),
    /** Rows that have something most have not. */
    logs: z.array(z.tuple([Row, z.int()])),
    variants: z.array(z.tuple([Row, z.int()])),
    marks: z.array(z.tuple([Row, z.array(z.string())])),
    cycleCuts: z.array(Row),
  }),
});
export type TraceColumns = z.infer<typeof TraceColumns>;

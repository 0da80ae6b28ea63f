import { z } from "zod";
import { FAMILIES } from "@/lib/diagnosis/finding";
import { Moment } from "./common";

export const HealthResponse = z.object({
  status: z.enum(["ok", "degraded"]),
  checks: z.record(z.string(), z.object({ status: z.enum(["ok", "degraded"]), detail: z.string() })),
});
export type HealthResponse = z.infer<typeof HealthResponse>;

export const StatsQuery = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
export type StatsQuery = z.infer<typeof StatsQuery>;
/** Series for charts: one point a bucket, oldest first. */
export const StatsResponse = z.object({
  from: Moment,
  to: Moment,
  bucketMs: z.int(),
  ingest: z.array(z.object({ at: Moment, spans: z.int(), logs: z.int(), errors: z.int(), rejected: z.int() })),
  findings: z.array(z.object({ at: Moment, family: z.enum(FAMILIES), count: z.int() })),
  openSpansByAge: z.array(z.object({ label: z.string(), fromMs: z.number(), count: z.int() })),
  /** `spansOverTime`: spans received in each of 24 equal parts of the range, oldest first. */
  services: z.array(
    z.object({
      service: z.string(),
      spans: z.int(),
      errors: z.int(),
      findings: z.int(),
      openSpans: z.int(),
      spansOverTime: z.array(z.int()),
    }),
  ),
  totals: z.object({ spans: z.int(), traces: z.int(), openFindings: z.int(), openSpans: z.int(), checks: z.int() }),
});
export type StatsResponse = z.infer<typeof StatsResponse>;

/** What the first-run page fills into its snippets. */
export const SetupResponse = z.object({
  mode: z.enum(["local", "server"]),
  httpEndpoint: z.string(),
  grpcEndpoint: z.string(),
  /** True once any span was stored. */
  hasTraces: z.boolean(),
  firstTraceId: z.string().nullable(),
});
export type SetupResponse = z.infer<typeof SetupResponse>;

/**
 * Events of GET /api/live (server-sent events; `data` is this object as JSON). A hint to ask again, never the data itself.
 * Ingest and the scheduler send them as `NOTIFY spanwatch_live` with one more field, `projectId` (a number): the web process passes an
 * event on to browsers of that project only, and one without it to nobody.
 */
export const LiveEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("traces"), traceIds: z.array(z.string()), more: z.boolean() }),
  z.object({ type: z.literal("findings"), traceIds: z.array(z.string()), more: z.boolean() }),
  /** First on every connection. `missed`: there may have been events in the last seconds that are not told again. */
  z.object({ type: z.literal("hello"), missed: z.boolean() }),
]);
export type LiveEvent = z.infer<typeof LiveEvent>;

import { listFindingsOfTrace } from "@/db/queries/finding-lists";
import { countOpenSpansByProcess } from "@/db/queries/open-spans";
import { listProcessEvidence } from "@/db/queries/processes";
import type { TraceResponse } from "@/lib/api/contract/traces";
import type { Context } from "@/lib/auth/context";
import type { Language } from "@/lib/diagnosis/words/language";
import type { TraceId } from "@/lib/otel/ids";
import { inTurns } from "./in-turns";
import { momentOf } from "./moment";
import { presentFindings } from "./present-findings";
import { presentProcess } from "./present-process";
import { presentingSpans } from "./present-spans";
import { isSettled, presentKnownSummary } from "./present-summary";
import { readTrace } from "./read-trace";
import { saidOfSpans } from "./said-of-spans";
import { diagnosisSettings } from "./settings";

/**
 * A whole trace: its spans in reading order, what is wrong with it, and the processes it came from.
 * @throws AppError `not_found` when the viewer's project has no such trace.
 */
export async function loadTrace(ctx: Context, traceId: TraceId, language: Language): Promise<TraceResponse> {
  const { db, viewer, nowMs } = ctx;
  const [known, rows] = await Promise.all([readTrace(ctx, traceId), listFindingsOfTrace(db, viewer.projectId, traceId)]);
  const processIds = [...new Set(known.spans.map((span) => span.processId))];
  const [findings, evidence, openSpans] = await Promise.all([
    presentFindings(ctx, rows, language),
    listProcessEvidence(db, processIds),
    countOpenSpansByProcess(db, viewer.projectId, processIds),
  ]);
  const now = { nowMs, settings: diagnosisSettings() };
  return {
    trace: presentKnownSummary(known),
    spans: await inTurns(presentingSpans(known, saidOfSpans(rows))),
    findings,
    processes: evidence.map((process) => presentProcess(process, now, openSpans.get(process.processId) ?? 0, language)),
    settled: isSettled(known.row),
    now: momentOf(nowMs),
  };
}

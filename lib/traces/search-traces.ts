import { z } from "zod";
import { listTraces, type TraceFilter, type TracePlace } from "@/db/queries/traces";
import type { TracesQuery, TracesResponse } from "@/lib/api/contract/traces";
import type { Context } from "@/lib/auth/context";
import { isTraceId } from "@/lib/otel/ids";
import { pageOf, place, readCursor, writeCursor } from "./cursor";
import { kindsOf } from "./kinds-of";
import { presentSummary } from "./present-summary";
import { searchAttributes } from "./search-attributes";

const PLACE = z.tuple([place.ms, place.traceId]);

/**
 * Traces of the viewer's project, those that began to arrive last first. Where attributes are asked for, spans are searched trace by trace
 * up to a bound; `partial` says that the bound was reached, and the next page goes on from there.
 * @throws AppError `invalid_request` for a cursor of another list.
 */
export async function searchTraces(ctx: Context, query: TracesQuery): Promise<TracesResponse> {
  const after = readCursor(query.cursor, PLACE);
  const from = after === null ? null : { firstReceivedMs: after[0], traceId: after[1] };
  const filter = filterOf(ctx.viewer.projectId, query);
  if (query.attr !== undefined && query.attr.length > 0) {
    const { rows, next, partial } = await searchAttributes(ctx, filter, query.attr, from, query.limit);
    return { items: rows.map(presentSummary), nextCursor: next === null ? null : writeCursor(placeOf(next)), partial };
  }
  const rows = await listTraces(ctx.db, filter, from, query.limit + 1);
  const { items, nextCursor } = pageOf(rows, query.limit, placeOf);
  return { items: items.map(presentSummary), nextCursor, partial: false };
}

const placeOf = ({ firstReceivedMs, traceId }: TracePlace): [number, string] => [firstReceivedMs, traceId];

function filterOf(projectId: number, query: TracesQuery): TraceFilter {
  const text = query.q?.trim().toLowerCase() ?? "";
  const traceId = isTraceId(text) ? text : null;
  const inMs = (moment: string | undefined) => (moment === undefined ? null : Date.parse(moment));
  const inNs = (ms: number | undefined) => (ms === undefined ? null : String(BigInt(Math.round(Math.min(ms, LONGEST_MS))) * 1_000_000n));
  return {
    projectId,
    fromMs: inMs(query.from),
    toMs: inMs(query.to),
    service: query.service ?? null,
    rootName: query.name ?? null,
    hasErrors: query.status === undefined ? null : query.status === "error",
    minDurationNs: inNs(query.minDuration),
    maxDurationNs: inNs(query.maxDuration),
    kinds: kindsOf(query),
    isOpen: query.state === "ongoing" ? true : query.state === "healthy" ? false : null,
    isSettled: query.state === "settled" || query.state === "healthy" ? true : null,
    hasFindings: query.state === "with-findings" ? true : query.state === "healthy" ? false : null,
    text: traceId === null && text !== "" ? text : null,
    traceId,
  };
}

/** An int8 of ns holds no longer one. */
const LONGEST_MS = 9e12;

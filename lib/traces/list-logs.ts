import { z } from "zod";
import { type LogRow, listLogs as listLogRows } from "@/db/queries/logs";
import { bytesOf } from "@/db/queries/prepared";
import { findTrace } from "@/db/queries/traces";
import type { LogJson, LogsQuery, LogsResponse } from "@/lib/api/contract/traces";
import type { Context } from "@/lib/auth/context";
import { decodeAttributes } from "@/lib/otel/attributes";
import { isTraceId, NO_TRACE_ID, type TraceId } from "@/lib/otel/ids";
import { unixNanoOfInt8 } from "@/lib/otel/time";
import { pageOf, place, readCursor } from "./cursor";
import { momentOf } from "./moment";
import { presentAttributes } from "./present-attributes";
import { noSuchTrace } from "./read-trace";

const PLACE = z.tuple([place.int8, place.text]);

/**
 * Log records of a trace, or of one of its spans, by time.
 * @throws AppError `not_found` when the viewer's project has no such trace, `invalid_request` for a cursor of another list.
 */
export async function listLogs({ db, viewer }: Context, traceId: TraceId, query: LogsQuery): Promise<LogsResponse> {
  const { projectId } = viewer;
  const after = readCursor(query.cursor, PLACE);
  if (!isTraceId(traceId) || (await findTrace(db, projectId, traceId)) === null) throw noSuchTrace();
  const rows = await listLogRows(db, {
    projectId,
    traceId,
    spanId: query.spanId ?? null,
    after: after === null ? null : { timeNs: after[0], place: after[1] },
    limit: query.limit + 1,
  });
  const { items, nextCursor } = pageOf(rows, query.limit, (last) => [last.timeNs, last.place]);
  return { items: items.map(presentLog), nextCursor };
}

const presentLog = (row: LogRow): LogJson => ({
  traceId: row.traceId === NO_TRACE_ID ? null : row.traceId,
  spanId: row.spanId,
  timeUnixNano: unixNanoOfInt8(row.timeNs).toString(),
  severityNumber: row.severityNumber,
  severityText: row.severityText ?? "",
  eventName: row.eventName,
  message: row.message,
  service: row.service,
  processId: row.processId,
  attributes: presentAttributes(decodeAttributes(bytesOf(row.attributes))),
  receivedAt: momentOf(row.receivedMs),
});

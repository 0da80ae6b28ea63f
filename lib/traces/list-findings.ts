import { z } from "zod";
import { listFindings as listFindingRows } from "@/db/queries/finding-lists";
import type { FindingsQuery, FindingsResponse } from "@/lib/api/contract/findings";
import type { Context } from "@/lib/auth/context";
import type { Language } from "@/lib/diagnosis/words/language";
import { pageOf, place, readCursor } from "./cursor";
import { kindsOf } from "./kinds-of";
import { presentFindings } from "./present-findings";

const PLACE = z.tuple([place.ms, place.text]);

/**
 * Findings of the viewer's project, the youngest first.
 * @throws AppError `invalid_request` for a cursor of another list.
 */
export async function listFindings(ctx: Context, query: FindingsQuery, language: Language): Promise<FindingsResponse> {
  const after = readCursor(query.cursor, PLACE);
  const rows = await listFindingRows(
    ctx.db,
    {
      projectId: ctx.viewer.projectId,
      kinds: kindsOf(query),
      state: query.state === "all" ? null : query.state,
      service: query.service ?? null,
      traceId: query.traceId ?? null,
      groupId: query.groupId ?? null,
      incidentId: query.incidentId ?? null,
      certainty: query.certainty ?? null,
      severity: query.severity ?? null,
    },
    after === null ? null : { openedMs: after[0], id: after[1] },
    query.limit + 1,
  );
  const { items, nextCursor } = pageOf(rows, query.limit, (last) => [last.openedMs, last.id]);
  return { items: await presentFindings(ctx, items, language), nextCursor };
}

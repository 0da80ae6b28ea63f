import { z } from "zod";
import { countOpenSpansByProcess } from "@/db/queries/open-spans";
import { listProcessEvidence, listProcessIds } from "@/db/queries/processes";
import type { ProcessesQuery, ProcessesResponse } from "@/lib/api/contract/traces";
import type { Context } from "@/lib/auth/context";
import type { Language } from "@/lib/diagnosis/words/language";
import { pageOf, place, readCursor } from "./cursor";
import { presentProcess } from "./present-process";
import { diagnosisSettings } from "./settings";

const PLACE = z.tuple([place.ms, place.int8]);

/**
 * Processes of the viewer's project with what is known of them now, the last heard of first.
 * @throws AppError `invalid_request` for a cursor of another list.
 */
export async function listProcesses(ctx: Context, query: ProcessesQuery, language: Language): Promise<ProcessesResponse> {
  const { db, viewer, nowMs } = ctx;
  const { projectId } = viewer;
  const after = readCursor(query.cursor, PLACE);
  const rows = await listProcessIds(db, {
    projectId,
    service: query.service ?? null,
    after: after === null ? null : { lastReceivedMs: after[0], processId: after[1] },
    limit: query.limit + 1,
  });
  const { items, nextCursor } = pageOf(rows, query.limit, (last) => [last.lastReceivedMs, last.processId]);
  const ids = items.map((row) => row.processId);
  const [evidence, openSpans] = await Promise.all([listProcessEvidence(db, ids), countOpenSpansByProcess(db, projectId, ids)]);
  const known = new Map(evidence.map((process) => [process.processId, process]));
  const now = { nowMs, settings: diagnosisSettings() };
  return {
    items: ids.flatMap((id) => {
      const process = known.get(id);
      return process ? [presentProcess(process, now, openSpans.get(id) ?? 0, language)] : [];
    }),
    nextCursor,
  };
}

import { updateFindingMuted, updateGroupFeedback } from "@/db/queries/finding-feedback";
import { inTransaction } from "@/db/queries/scheduler/transaction";
import type { FindingJson } from "@/lib/api/contract/findings";
import type { Context } from "@/lib/auth/context";
import type { Verdict } from "@/lib/diagnosis/finding";
import type { Language } from "@/lib/diagnosis/words/language";
import { findFinding } from "./find-finding";

/**
 * Mutes an open finding: it stays in view where it was found, but nothing counts it or alerts on it. One that is over stays as it is.
 * @returns the finding as it is then.
 * @throws AppError `not_found` when the viewer's project has no such finding.
 */
export const muteFinding = (ctx: Context, id: string, language: Language): Promise<FindingJson> => setMuted(ctx, id, true, language);

/** Takes `muteFinding` back. */
export const unmuteFinding = (ctx: Context, id: string, language: Language): Promise<FindingJson> => setMuted(ctx, id, false, language);

async function setMuted(ctx: Context, id: string, muted: boolean, language: Language): Promise<FindingJson> {
  await inTransaction(ctx.db, (tx) => updateFindingMuted(tx, ctx.viewer.projectId, id, muted, ctx.nowMs));
  return findFinding(ctx, id, language);
}

/**
 * Says of a finding, and of all with its kind, service, span name and cause (features.md S13): no problem, or known: those open are muted,
 * and so are those to come; or fixed: those open are muted, and one in a trace that begins later opens as new and says that it came back.
 * @param verdict null takes back what was said: what was muted for it is open again.
 * @returns the finding as it is then.
 * @throws AppError `not_found` when the viewer's project has no such finding.
 */
export async function giveFeedback(ctx: Context, id: string, verdict: Verdict | null, language: Language): Promise<FindingJson> {
  const { groupId } = await findFinding(ctx, id, language);
  await inTransaction(ctx.db, (tx) => updateGroupFeedback(tx, ctx.viewer.projectId, groupId, verdict, ctx.nowMs));
  return findFinding(ctx, id, language);
}

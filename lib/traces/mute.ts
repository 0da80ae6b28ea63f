import { updateFindingMuted } from "@/db/queries/finding-lists";
import type { FindingJson } from "@/lib/api/contract/findings";
import type { Context } from "@/lib/auth/context";
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
  await updateFindingMuted(ctx.db, ctx.viewer.projectId, id, muted);
  return findFinding(ctx, id, language);
}

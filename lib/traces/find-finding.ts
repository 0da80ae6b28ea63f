import { findFinding as findFindingRow } from "@/db/queries/finding-lists";
import type { FindingJson } from "@/lib/api/contract/findings";
import type { Context } from "@/lib/auth/context";
import type { Language } from "@/lib/diagnosis/words/language";
import { AppError } from "@/lib/errors";
import { presentFindings } from "./present-findings";

/**
 * One finding, whatever its state.
 * @throws AppError `not_found` when the viewer's project has no such finding.
 */
export async function findFinding(ctx: Context, id: string, language: Language): Promise<FindingJson> {
  const row = await findFindingRow(ctx.db, ctx.viewer.projectId, id);
  const [finding] = row === null ? [] : await presentFindings(ctx, [row], language);
  if (!finding) throw new AppError("not_found", "There is no such finding.");
  return finding;
}

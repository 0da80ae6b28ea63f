import { createHash, randomBytes } from "node:crypto";
import {
  countSpansExpected,
  deleteExpectedSpan,
  type ExpectedSpanRow,
  listExpectedSpans as listRules,
  lockExpectedSpans,
  raiseTracesOfExpected,
  upsertExpectedSpan,
} from "@/db/queries/expected-spans";
import { findFinding } from "@/db/queries/finding-lists";
import { inTransaction } from "@/db/queries/scheduler/transaction";
import type { ExpectedSpanJson, ExpectedSpanRequest, ExpectedSpansResponse } from "@/lib/api/contract/expected-spans";
import type { Context } from "@/lib/auth/context";
import { isAboutLongSpan } from "@/lib/diagnosis/expected";
import type { Kind } from "@/lib/diagnosis/finding";
import { AppError } from "@/lib/errors";
import { momentOf } from "./moment";

/** Every look compares every open span with every rule. */
const RULES_MAX = 200;

/** The rules by which spans of the viewer's project may be open for long, the oldest first. */
export async function listExpectedSpans({ db, viewer }: Context): Promise<ExpectedSpansResponse> {
  const rules = await listRules(db, viewer.projectId);
  const counts = await countSpansExpected(
    db,
    rules.map(({ id }) => id),
  );
  return { items: rules.map((rule) => present(rule, counts.get(rule.id) ?? 0)), nextCursor: null };
}

/**
 * One rule.
 * @throws AppError `not_found`
 */
export async function findExpectedSpan(ctx: Context, id: string): Promise<ExpectedSpanJson> {
  const rule = (await listExpectedSpans(ctx)).items.find((one) => one.id === id);
  if (!rule) throw noSuchRule();
  return rule;
}

/**
 * From now on spans like this may be open for long, those that are open already included: the scheduler looks at their traces again. The
 * same said twice is one rule.
 * @throws AppError `conflict` when there are too many rules.
 */
export async function createExpectedSpan(ctx: Context, wish: ExpectedSpanRequest): Promise<ExpectedSpanJson> {
  const { db, viewer, nowMs } = ctx;
  const id = await inTransaction(db, async (tx) => {
    const rules = await lockExpectedSpans(tx, viewer.projectId);
    const fingerprint = fingerprintOf(wish);
    const same = rules.find((rule) => rule.fingerprint === fingerprint);
    if (same) return same.id;
    if (rules.length >= RULES_MAX) throw new AppError("conflict", `There are ${RULES_MAX} rules already: remove one first.`);
    const rule = { ...wish, id: randomBytes(12).toString("hex"), createdMs: nowMs, fingerprint };
    await upsertExpectedSpan(tx, viewer.projectId, rule);
    await raiseTracesOfExpected(tx, viewer.projectId, rule, nowMs);
    return rule.id;
  });
  return findExpectedSpan(ctx, id);
}

/**
 * One click on a finding, "this is normal": spans of its service with its name are expected to be long.
 * @throws AppError `not_found`; `conflict` for a finding that is not about the age of a span.
 */
export async function expectSpansOfFinding(ctx: Context, findingId: string): Promise<ExpectedSpanJson> {
  const finding = await findFinding(ctx.db, ctx.viewer.projectId, findingId);
  if (finding === null) throw new AppError("not_found", "There is no such finding.");
  const { kind, missingSpanId, service, spanName } = finding;
  if (!isAboutLongSpan({ kind: kind as Kind, missingSpanId })) {
    throw new AppError("conflict", "Only a span that is open for long can be expected to be so; this finding is about something else.");
  }
  return createExpectedSpan(ctx, { service, spanName: spanName || null, attribute: null, spanKind: null });
}

/**
 * Changes a rule; spans that it excused until now are looked at again as well.
 * @throws AppError `not_found`; `conflict` when another rule says the same.
 */
export async function updateExpectedSpan(ctx: Context, id: string, wish: ExpectedSpanRequest): Promise<ExpectedSpanJson> {
  const { db, viewer, nowMs } = ctx;
  await inTransaction(db, async (tx) => {
    const rules = await lockExpectedSpans(tx, viewer.projectId);
    const before = rules.find((rule) => rule.id === id);
    if (!before) throw noSuchRule();
    const fingerprint = fingerprintOf(wish);
    if (rules.some((rule) => rule.id !== id && rule.fingerprint === fingerprint)) {
      throw new AppError("conflict", "Another rule says the same.");
    }
    const rule = { ...wish, id, createdMs: before.createdMs, fingerprint };
    await upsertExpectedSpan(tx, viewer.projectId, rule);
    await raiseTracesOfExpected(tx, viewer.projectId, rule, nowMs);
  });
  return findExpectedSpan(ctx, id);
}

/**
 * Takes a rule away; the spans that it excused are looked at again.
 * @throws AppError `not_found`
 */
export async function removeExpectedSpan({ db, viewer, nowMs }: Context, id: string): Promise<Record<string, never>> {
  await inTransaction(db, async (tx) => {
    const rule = (await lockExpectedSpans(tx, viewer.projectId)).find((one) => one.id === id);
    if (!rule) throw noSuchRule();
    await deleteExpectedSpan(tx, viewer.projectId, id);
    await raiseTracesOfExpected(tx, viewer.projectId, rule, nowMs);
  });
  return {};
}

const noSuchRule = () => new AppError("not_found", "There is no such rule.");

const fingerprintOf = ({ service, spanName, attribute, spanKind }: ExpectedSpanRequest): string =>
  createHash("sha256")
    .update(JSON.stringify([service, spanName, attribute?.key ?? null, attribute?.value ?? null, spanKind]))
    .digest("hex");

const present = ({ createdMs, ...rule }: ExpectedSpanRow, openNow: number): ExpectedSpanJson => ({
  ...rule,
  createdAt: momentOf(createdMs),
  openNow,
});

import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { runProgram } from "./programs";
import { eventually, type FindingView, type SpanwatchApi } from "./spanwatch-api";

/** Sentences of the API carry `code`; on the page the ticks are gone. */
const plain = (text: string) => text.replaceAll("`", "");

const abandonedFinding = (api: SpanwatchApi, traceId: string, spanId: string): Promise<FindingView> =>
  eventually(
    async () => (await api.findings(traceId, "open")).find((one) => one.kind === "abandoned-span" && one.spanIds.includes(spanId)),
    {
      withinMs: 20_000,
      everyMs: 50,
      what: `span ${spanId} to be called abandoned`,
    },
  );

const findingOn = (page: Page, id: string) => page.getByTestId("findings").locator(`[data-finding="${id}"]`);
const rowOf = (page: Page, spanId: string) => page.locator(`[role="treeitem"][data-span^="${spanId}"]`);

test("an open trace page tells within seconds that a span was abandoned, and why", async ({ page, spanwatch, api }) => {
  const program = runProgram("logfire", "hang", `watched-${randomUUID()}`, spanwatch, { saysItsPid: true });
  const { traceId, spanId } = await program.said();
  await eventually(async () => api.trace(traceId), { withinMs: 10_000, everyMs: 50, what: "the trace" });

  await page.goto(`/traces/${traceId}`);
  await expect(rowOf(page, spanId)).toHaveAttribute("data-state", "ongoing");
  program.kill();

  // Nobody reloads the page.
  await expect(rowOf(page, spanId)).toHaveAttribute("data-state", "abandoned");
  await expect(rowOf(page, spanId)).toContainText("charge card");
  const finding = await abandonedFinding(api, traceId, spanId);
  const shown = findingOn(page, finding.id);
  await expect(shown).toContainText(plain(finding.title));
  if ((await shown.getByRole("button").first().getAttribute("aria-expanded")) === "false") await shown.getByRole("button").first().click();
  for (const { text } of finding.evidence) await expect(shown).toContainText(plain(text));
  expect(finding.evidence.length).toBeGreaterThan(0);
});

test("the picture in README: an import whose third worker was killed", async ({ page, spanwatch, api }, testInfo) => {
  const program = runProgram("import", "", "nightly-import", spanwatch);
  const { traceId, spanId, pid } = await program.said();
  process.kill(pid as number, "SIGKILL");
  expect(await program.ended).toBe(0);
  const finding = await abandonedFinding(api, traceId, spanId);
  await api.settledTrace(traceId);

  await page.goto(`/traces/${traceId}`);
  await expect(rowOf(page, spanId)).toHaveAttribute("data-state", "abandoned");
  const shown = findingOn(page, finding.id);
  if ((await shown.getByRole("button").first().getAttribute("aria-expanded")) === "false") await shown.getByRole("button").first().click();
  await expect(shown).toContainText(plain(finding.evidence[0]?.text ?? "?"));

  // Kept in the repository; made anew by `UPDATE_PICTURES=1 npm test -- --only=e2e`.
  await page.screenshot({ path: process.env.UPDATE_PICTURES ? "docs/images/trace.png" : testInfo.outputPath("trace.png") });
});

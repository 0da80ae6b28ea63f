import { expect, test } from "./fixtures";
import { expectAccessible } from "./pages/accessibility";
import { TracePage } from "./pages/trace-page";
import { newTraceId, sendSpans, spanIdOf } from "./send-spans";

/** A trace with something of everything: closed, open, orphaned, failed. */
async function sendBroken(http: string): Promise<string> {
  const traceId = newTraceId();
  await sendSpans(http, traceId, [
    { name: "nightly import", spanId: spanIdOf(0), startMs: 0, endMs: 900 },
    {
      name: "failing step",
      spanId: spanIdOf(1),
      parentSpanId: spanIdOf(0),
      startMs: 20,
      endMs: 300,
      isError: true,
      attributes: { url: "https://example.com/a" },
    },
    { name: "never ends", spanId: spanIdOf(2), parentSpanId: spanIdOf(0), startMs: 40, endMs: null },
    {
      name: "upload",
      spanId: spanIdOf(3),
      parentSpanId: spanIdOf(99),
      startMs: 100,
      endMs: 200,
      service: `uploader-${traceId.slice(0, 6)}`,
    },
  ]);
  return traceId;
}

const PAGES = ["/overview", "/traces", "/traces?status=error&minDuration=999999", "/findings", "/findings/expected", "/open", "/setup"];

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test(`axe finds nothing serious on any page, ${colorScheme}, ${width} px`, async ({ browser, baseURL, spanwatch, api }) => {
      const traceId = await sendBroken(spanwatch.http);
      await api.settledTrace(traceId);
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 860 }, baseURL, reducedMotion: "reduce" });
      const page = await context.newPage();
      for (const path of PAGES) {
        await page.goto(path);
        await expect(page.getByTestId("sentence")).not.toBeEmpty();
        await expectAccessible(page, `${path} ${colorScheme} ${width}`);
      }
      const trace = new TracePage(page);
      await trace.open(traceId, `?span=${spanIdOf(1)}`);
      await expectAccessible(page, `span ${colorScheme} ${width}`);
      await page.keyboard.press("n");
      await expect(page.getByTestId("findings").locator('button[aria-expanded="true"]')).toBeVisible();
      await expectAccessible(page, `finding ${colorScheme} ${width}`);
      await page.goto(`/traces/${traceId}?tab=processes`);
      await expect(page.getByTestId("processes")).toBeVisible();
      await expectAccessible(page, `processes ${colorScheme} ${width}`);
      // Of a kind that is always said of a trace.
      await page.goto("/findings?kind=orphaned-span");
      await page.getByTestId("finding-groups").getByRole("button").first().click();
      await expect(page.getByRole("link", { name: "Show in its trace" }).first()).toBeVisible();
      await expectAccessible(page, `unfolded group ${colorScheme} ${width}`);
      await context.close();
    });
  }
}

test("a Chinese browser sees Chinese, findings included; the reader's own choice wins and stays", async ({
  browser,
  baseURL,
  spanwatch,
  api,
}) => {
  const traceId = await sendBroken(spanwatch.http);
  await api.settledTrace(traceId);
  const context = await browser.newContext({ locale: "zh-CN", baseURL });
  const page = await context.newPage();
  await page.goto("/traces");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-Hans");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("追踪");
  await page.goto(`/traces/${traceId}`);
  await expect(page.getByTestId("findings")).toContainText("孤儿 Span");
  await expect(page.getByTestId("findings")).toContainText(/[\u4e00-\u9fff]{4}/);

  await page.getByRole("button", { name: "EN", exact: true }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.getByTestId("findings")).toContainText("Orphaned span");
  await expect(page.getByTestId("findings")).not.toContainText(/[\u4e00-\u9fff]/);
  await page.goto("/findings");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Findings");
  await context.close();
});

test("the theme that was chosen is there before anything is painted", async ({ page }) => {
  await page.goto("/setup");
  await page.getByRole("button", { name: "Dark" }).click();
  const dark = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const response = await page.reload();
  expect(await response?.text()).toContain('data-theme="dark"');
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe(dark);
  await page.getByRole("button", { name: "Light" }).click();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).not.toBe(dark);
});

test("nothing is wider than a phone", async ({ browser, baseURL, spanwatch, api }) => {
  const traceId = await sendBroken(spanwatch.http);
  await api.settledTrace(traceId);
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, baseURL, hasTouch: true });
  const page = await context.newPage();
  for (const path of [...PAGES, `/traces/${traceId}`]) {
    await page.goto(path);
    await expect(page.getByTestId("sentence")).not.toBeEmpty();
    const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(content, path).toBe(screen);
  }
  await page.getByRole("treeitem").first().click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await context.close();
});

test("no page breaks the content security policy or logs an error", async ({ page, spanwatch, api }) => {
  const traceId = await sendBroken(spanwatch.http);
  await api.settledTrace(traceId);
  const said: string[] = [];
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  for (const path of [...PAGES, `/traces/${traceId}?span=${spanIdOf(1)}`, `/traces/${traceId}?tab=logs`]) {
    await page.goto(path);
    await expect(page.getByTestId("sentence")).not.toBeEmpty();
  }
  expect(said).toEqual([]);
});

import { expect, test } from "./fixtures";
import { newTraceId, sendSpans } from "./send-spans";
import { type RunningSpanwatch, startSpanwatch } from "./start-spanwatch";

let fresh: RunningSpanwatch;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  fresh = await startSpanwatch();
});
test.afterAll(() => fresh.stop());

test("the first visit leads to the set-up page, which turns into the first trace by itself", async ({ page }) => {
  await page.goto(`${fresh.web}/`);
  await expect(page).toHaveURL(`${fresh.web}/setup`);
  await expect(page.getByTestId("first-span")).toContainText("Waiting for your first span");

  await page.goto(`${fresh.web}/traces`);
  await expect(page.getByRole("heading", { name: "Waiting for the first trace" })).toBeVisible();
  await page.goto(`${fresh.web}/findings`);
  await expect(page.getByText("Nothing was received yet, so there was nothing to look at.")).toBeVisible();
  await page.goto(`${fresh.web}/open`);
  await expect(page.getByRole("heading", { name: "Nothing is open" })).toBeVisible();

  await page.goto(`${fresh.web}/setup`);
  await expect(page.getByTestId("first-span")).toContainText("Waiting for your first span");
  const traceId = newTraceId();
  await sendSpans(fresh.http, traceId, [{ name: "hello", startMs: 0, endMs: 5 }]);
  await page.getByTestId("first-span").getByRole("link").click();
  await expect(page).toHaveURL(`${fresh.web}/traces/${traceId}`);
  await expect(page.getByRole("treeitem")).toContainText("hello");

  await page.goto(`${fresh.web}/`);
  await expect(page).toHaveURL(`${fresh.web}/overview`);
});

test("without live hints the page says so, keeps what it shows, and listens again as soon as it can", async ({ page }) => {
  await page.route("**/api/live", (route) => route.abort());
  await page.goto(`${fresh.web}/traces`);
  await expect(page.getByRole("status").filter({ hasText: "Connection lost" })).toBeVisible();
  await expect(page.getByTestId("trace-rows").locator("tbody tr").first()).toBeVisible();
  await page.unroute("**/api/live");
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible({ timeout: 30_000 });
});

test("a page whose question fails says what to try, and asks again by itself", async ({ page }) => {
  await page.route("**/api/traces?*", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "x", title: "Busy", status: 503, detail: "The database is away.", requestId: "r-1" }),
    }),
  );
  await page.goto(`${fresh.web}/traces`);
  await expect(page.getByRole("main").getByRole("alert")).toContainText("The server is busy or its database is away.", { timeout: 30_000 });
  await expect(page.getByRole("main").getByRole("alert")).toContainText("r-1");
  await page.unroute("**/api/traces?*");
  await expect(page.getByTestId("trace-rows").locator("tbody tr").first()).toBeVisible();
});

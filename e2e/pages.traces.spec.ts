import { expect, test } from "./fixtures";
import { TraceListPage } from "./pages/trace-list-page";
import { newSpanId, newTraceId, sendSpans } from "./send-spans";

/** A trace of one span with a name of its own, so that specs do not see each other's. */
async function sendOne(
  http: string,
  name: string,
  over: { endMs?: number | null; isError?: boolean; service?: string } = {},
): Promise<string> {
  const traceId = newTraceId();
  const { endMs = 50, isError = false, service = "list-e2e" } = over;
  await sendSpans(http, traceId, [{ name, spanId: newSpanId(), startMs: 0, endMs, isError, service, attributes: { "order.id": name } }]);
  return traceId;
}

test("the newest trace stands first, and a click opens it", async ({ page, spanwatch }) => {
  const name = `newest-${newSpanId()}`;
  const traceId = await sendOne(spanwatch.http, name);
  const list = new TraceListPage(page);
  await list.open();
  await expect(list.rows.first()).toContainText(name);
  await list.row(name).getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`/traces/${traceId}`));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
});

test("every filter is in the address, so that a link shows the same rows", async ({ page, spanwatch }) => {
  const name = `filtered-${newSpanId()}`;
  await sendOne(spanwatch.http, name, { isError: true, endMs: 900 });
  const list = new TraceListPage(page);
  await list.open();

  await page.getByRole("searchbox", { name: "Name, service or trace id" }).fill(name);
  await expect(list.rows).toHaveCount(1);
  await page.getByRole("combobox", { name: /^Status/ }).click();
  await page.getByRole("option", { name: "error" }).click();
  await page.getByRole("button", { name: "Duration" }).click();
  await page.getByRole("searchbox", { name: "At least" }).fill("500");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/status=error/);
  await expect(page).toHaveURL(/minDuration=500/);
  await expect(list.row(name)).toHaveCount(1);

  await page.reload();
  await expect(list.row(name)).toHaveCount(1);
  await expect(list.filters).toContainText("Status: error");
  await list.filters.getByRole("button", { name: /error/ }).click();
  await expect(page).not.toHaveURL(/status=/);
});

test("a filter for an attribute finds the trace that has it", async ({ page, spanwatch }) => {
  const name = `attribute-${newSpanId()}`;
  await sendOne(spanwatch.http, name);
  const list = new TraceListPage(page);
  await list.open(`?attr=${encodeURIComponent(`order.id=${name}`)}`);
  await expect(list.rows).toHaveCount(1);
  await expect(list.row(name)).toBeVisible();
});

test("when filters match nothing, the page says which one to take away", async ({ page, spanwatch }) => {
  const name = `unmatched-${newSpanId()}`;
  await sendOne(spanwatch.http, name);
  const list = new TraceListPage(page);
  await page.goto(`/traces?q=${name}&status=error`);
  await expect(page.getByRole("heading", { name: "No trace matches all of these filters" })).toBeVisible();
  await page.getByRole("button", { name: "Without Status: error there is a trace" }).click();
  await expect(list.row(name)).toBeVisible();
});

test("when there is nothing in the chosen time, one click jumps to the newest", async ({ page, spanwatch }) => {
  const name = `range-${newSpanId()}`;
  await sendOne(spanwatch.http, name);
  await page.goto("/traces?from=2020-01-01T00:00:00.000Z&to=2020-01-02T00:00:00.000Z");
  await page.getByRole("button", { name: "Jump to the newest" }).click();
  await expect(new TraceListPage(page).row(name)).toBeVisible();
});

test("new traces come in at the top, and are only announced to a reader further down", async ({ page, spanwatch }) => {
  for (let sent = 0; sent < 60; sent++) await sendOne(spanwatch.http, `filler-${sent}`);
  const list = new TraceListPage(page);
  await list.open();
  await list.live();

  const first = `live-${newSpanId()}`;
  await sendOne(spanwatch.http, first);
  await expect(list.rows.first()).toContainText(first);

  await list.scrollTo(800);
  const looked = list.row("filler-30");
  await expect(looked).toBeInViewport();
  const before = await looked.boundingBox();
  const second = `live-${newSpanId()}`;
  await sendOne(spanwatch.http, second);
  const announcement = page.getByRole("button", { name: /new trace/ });
  await expect(announcement).toBeVisible();
  expect(await list.scrollTop()).toBe(800);
  expect((await looked.boundingBox())?.y).toBe(before?.y);
  await announcement.click();
  await expect(list.rows.first()).toContainText(second);
});

test("paused means paused: nothing comes in until the reader goes on", async ({ page, spanwatch }) => {
  const list = new TraceListPage(page);
  await sendOne(spanwatch.http, `before-pause-${newSpanId()}`);
  await list.open();
  await list.live();
  await page.getByRole("button", { name: "Pause live updates" }).click();
  const name = `paused-${newSpanId()}`;
  await sendOne(spanwatch.http, name);
  await page.waitForTimeout(2_000);
  await expect(list.row(name)).toHaveCount(0);
  await page.getByRole("button", { name: "Resume live updates" }).click();
  await expect(list.row(name)).toBeVisible();
});

test("older traces are loaded as the reader comes to the end, each once", async ({ page, spanwatch, api }) => {
  for (let sent = 0; sent < 60; sent++) await sendOne(spanwatch.http, `older-${sent}`, { service: "older-e2e" });
  const list = new TraceListPage(page);
  await list.open("?service=older-e2e");
  const seen = new Set<string>();
  await expect(async () => {
    await list.scrollTo(100_000);
    for (const href of await list.rows.getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? "")))
      seen.add(href);
    await expect(page.getByText("That is every trace.")).toBeVisible({ timeout: 500 });
  }).toPass();
  for (let top = 0; top < 60 * 32; top += 400) {
    await list.scrollTo(top);
    await page.waitForTimeout(50);
    for (const href of await list.rows.getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? "")))
      seen.add(href);
  }
  const { items } = await api.get<{ items: { traceId: string }[] }>("/api/traces?service=older-e2e&limit=500");
  expect([...seen].sort()).toEqual(items.map(({ traceId }) => `/traces/${traceId}`).sort());
});

test("a pasted traceparent opens its trace at its span, from any page", async ({ page, spanwatch }) => {
  const traceId = newTraceId();
  const spanId = newSpanId();
  await sendSpans(spanwatch.http, traceId, [{ name: "pasted", spanId, startMs: 0, endMs: 5 }]);
  await page.goto("/setup");
  await page.getByRole("textbox", { name: "Go to a trace" }).fill(`00-${traceId}-${spanId}-01`);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/traces/${traceId}?span=${spanId}`);
  await expect(page.locator('[role="treeitem"][aria-selected="true"]')).toContainText("pasted");
});

import { expect, test } from "./fixtures";
import { newTraceId, sendSpans, spanIdOf } from "./send-spans";

test("what is wrong, where and since when: every bar and number leads to the traces it counts", async ({ page, spanwatch, api }) => {
  const service = `overview-${newTraceId().slice(0, 6)}`;
  // The worst services are shown, and other tests have left many that are bad.
  const traceIds = Array.from({ length: 40 }, newTraceId);
  for (const traceId of traceIds) {
    await sendSpans(spanwatch.http, traceId, [
      { name: "kept", spanId: spanIdOf(1), startMs: 0, endMs: 40, service },
      { name: "lost its parent", spanId: spanIdOf(2), parentSpanId: spanIdOf(99), startMs: 0, endMs: 40, service },
    ]);
  }
  for (const traceId of traceIds) await api.settledTrace(traceId);

  await page.goto("/overview?range=1h");
  await expect(page.getByTestId("sentence")).toContainText("open; ");
  const row = page.getByRole("row").filter({ hasText: service });
  await expect(row.getByRole("img")).toHaveAccessibleName(/Spans received over time/);
  await row.getByRole("link", { name: service }).click();
  await expect(page).toHaveURL(new RegExp(`service=${service}`));
  await expect(page.getByTestId("trace-rows").locator("tbody tr").first()).toContainText(service);

  await page.goBack();
  await page.getByText("The same as a table").click();
  await page.getByRole("table").first().getByRole("link").first().click();
  await expect(page).toHaveURL(/family=/);
  await expect(page.getByTestId("trace-rows").locator("tbody tr").first()).toBeVisible();

  await page.goBack();
  const chart = page.getByTestId("findings-chart");
  await expect(chart.locator(".recharts-bar-rectangle path").first()).toBeVisible();
  const box = await chart.boundingBox();
  if (box === null) throw new Error("the chart has no place");
  await page.mouse.move(box.x + box.width / 2, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 8, box.y + 60, { steps: 6 });
  await expect(chart.locator(".recharts-reference-area")).toBeVisible();
  await page.mouse.up();
  await expect(page).toHaveURL(/\/traces\?from=.*&to=.*&state=with-findings/);
  await expect(page.getByTestId("trace-rows").locator("tbody tr").first()).toBeVisible();
});

test("a range is in the address and survives the way back", async ({ page, spanwatch, api }) => {
  const traceId = newTraceId();
  await sendSpans(spanwatch.http, traceId, [{ name: "kept", startMs: 0, endMs: 40 }]);
  await api.settledTrace(traceId);
  await page.goto("/overview");
  await page.getByRole("combobox", { name: /^Range/ }).click();
  await page.getByRole("option", { name: "Last 7 days" }).click();
  await expect(page).toHaveURL(/range=7d/);
  await expect(page.getByTestId("sentence")).toContainText("7 days");
  await page.getByRole("table").last().locator("tbody").getByRole("link").first().click();
  await expect(page).toHaveURL(/\/traces\?service=/);
  await page.goBack();
  await expect(page).toHaveURL(/range=7d/);
});

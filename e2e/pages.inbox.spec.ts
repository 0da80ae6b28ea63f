import { expect, test } from "./fixtures";
import { newSpanId, newTraceId, sendSpans } from "./send-spans";

test("findings are grouped, unfold to the evidence, lead to their span, and can be muted and brought back", async ({
  page,
  spanwatch,
  api,
}) => {
  const service = `inbox-${newSpanId()}`;
  const traceId = newTraceId();
  const missing = newSpanId();
  const spans = [
    { name: "root", startMs: 0, endMs: 10, service },
    { name: "lost child", parentSpanId: missing, startMs: 1, endMs: 5, service },
  ];
  // Just now: what comes a minute late is told of, too.
  await sendSpans(spanwatch.http, traceId, spans, Date.now());
  await api.settledTrace(traceId);
  await expect.poll(async () => (await api.findings(traceId, "open")).length).toBeGreaterThan(0);

  await page.goto(`/findings?service=${service}`);
  const groups = page.getByTestId("finding-groups").locator("> li");
  await expect(groups).toHaveCount(1);
  await expect(groups.first()).toContainText("Orphaned span");
  await groups.first().getByRole("button").first().click();
  await expect(groups.first()).toContainText("How we know");

  await groups.first().getByRole("button", { name: "Mute", exact: true }).click();
  await expect(groups).toHaveCount(0);
  expect((await api.findings(traceId, "muted")).length).toBe(1);
  await expect(page.getByRole("heading", { name: "No finding matches these filters" })).toBeVisible();
  await page.goto(`/findings?service=${service}&state=all`);
  await expect(groups.first()).toContainText("1 muted");
  await groups.first().getByRole("button").first().click();
  await groups.first().getByRole("button", { name: "Unmute" }).click();
  await expect(groups.first()).toContainText("1 open of 1");
  await page.getByRole("link", { name: "Show in its trace" }).first().click();
  await expect(page).toHaveURL(new RegExp(`/traces/${traceId}`));
  await expect(page.locator(`[role="treeitem"][data-span="${missing}"]`)).toHaveAttribute("aria-selected", "true");
});

test("a kind's own page says what it means", async ({ page }) => {
  await page.goto("/docs/checks/orphaned-span");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});

test("open spans are listed oldest first, tick, and lead to their span", async ({ page, spanwatch }) => {
  const service = `open-${newSpanId()}`;
  const [older, younger] = [newSpanId(), newSpanId()];
  await sendSpans(
    spanwatch.http,
    newTraceId(),
    [{ name: "younger", spanId: younger, startMs: 0, endMs: null, service }],
    Date.now() - 20_000,
  );
  const traceId = newTraceId();
  await sendSpans(spanwatch.http, traceId, [{ name: "older", spanId: older, startMs: 0, endMs: null, service }], Date.now() - 300_000);

  await page.goto(`/open?service=${service}`);
  const rows = page.getByTestId("open-spans").locator("tbody tr");
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText("older");
  const age = rows
    .first()
    .getByText(/^\d+ min \d+ s$/)
    .first();
  const before = await age.textContent();
  await expect(age).not.toHaveText(before ?? "");
  await expect(page.getByTestId("sentence")).toContainText("older");
  await rows.first().getByRole("link").click();
  await expect(page).toHaveURL(`/traces/${traceId}?span=${older}`);
});

test("the set-up page has lines for every SDK with this server's address, and shows that spans arrive", async ({ page, spanwatch }) => {
  await sendSpans(spanwatch.http, newTraceId(), [{ name: "first", startMs: 0, endMs: 1 }]);
  await page.goto("/setup");
  const port = new URL(spanwatch.http).port;
  for (const name of ["Python · Logfire", "Python · OTel", "Node.js", "Go", "Java", ".NET", "Rust", "Collector"]) {
    await page.getByRole("tab", { name }).click();
    const lines = page.getByRole("tabpanel").locator("pre");
    await expect(lines).toContainText(name === "Collector" ? new URL(spanwatch.grpc).port : port);
  }
  await expect(page.getByTestId("first-span")).toContainText("Your first trace is here.");
  await page.getByTestId("first-span").getByRole("link").click();
  await expect(page).toHaveURL(/\/traces\/[0-9a-f]{32}/);
});

test("the demo is one click, and each of its traces says what is broken", async ({ page }) => {
  await page.goto("/setup");
  await page.getByRole("button", { name: "Load the demo" }).click();
  const items = page.getByTestId("demo-traces").locator("> li");
  await expect(items.first()).toBeVisible({ timeout: 30_000 });
  expect(await items.count()).toBeGreaterThanOrEqual(5);
  await items.first().getByRole("link").click();
  await expect(page.getByRole("treeitem").first()).toBeVisible();
});

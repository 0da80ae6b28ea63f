import { expect, test } from "./fixtures";
import { TracePage } from "./pages/trace-page";
import { type DrawnSpan, newSpanId, newTraceId, sendLogs, sendSpans, spanIdOf } from "./send-spans";

/** A span whose id tells its number; `parent` is the number of another. */
const span = (number: number, parent: number | null, name: string, over: Partial<DrawnSpan> = {}): DrawnSpan => ({
  name,
  spanId: spanIdOf(number),
  parentSpanId: parent === null ? null : spanIdOf(parent),
  startMs: number,
  endMs: number + 100,
  ...over,
});

test("a cycle, a self-parent and a missing parent are shown, every span once, and the offenders are named", async ({
  page,
  spanwatch,
  api,
}) => {
  const traceId = newTraceId();
  await sendSpans(spanwatch.http, traceId, [
    span(0, null, "root"),
    span(1, 0, "child"),
    span(2, 2, "own parent"),
    span(3, 4, "cycle a"),
    span(4, 3, "cycle b"),
    span(5, 77, "orphan"),
  ]);
  await api.settledTrace(traceId);
  const trace = new TracePage(page);
  await trace.open(traceId);
  for (let number = 0; number < 6; number++) await expect(trace.row(spanIdOf(number))).toHaveCount(1);
  await expect(trace.rows).toHaveCount(7);
  await expect(trace.row(spanIdOf(77))).toHaveAttribute("data-state", "missing");
  await expect(trace.row(spanIdOf(77))).toContainText("was never received");
  await expect(trace.row(spanIdOf(2))).toContainText("cycle");
  await expect(trace.findings.filter({ hasText: "Parent cycle" }).first()).toBeVisible();
});

test("a link to a member of a cycle opens at it", async ({ page, spanwatch }) => {
  const traceId = newTraceId();
  await sendSpans(spanwatch.http, traceId, [span(0, 1, "a"), span(1, 0, "b")]);
  const trace = new TracePage(page);
  await trace.open(traceId, `?span=${spanIdOf(1)}`);
  await expect(trace.selected).toHaveCount(1);
  await expect(trace.spanPanel).toBeVisible();
});

test("a chain 5 000 deep stays readable: every span once, names and depth in view at the bottom", async ({ page, spanwatch }) => {
  const traceId = newTraceId();
  const chain = Array.from({ length: 5_000 }, (_, at) => span(at, at === 0 ? null : at - 1, `level ${at}`));
  await sendSpans(spanwatch.http, traceId, chain);
  const trace = new TracePage(page);
  await page.setViewportSize({ width: 1_440, height: 4_000 });
  await trace.open(traceId);
  expect(await trace.everyKey()).toEqual(chain.map(({ spanId }) => spanId));
  const last = trace.row(spanIdOf(4_999));
  await expect(last).toContainText("4999");
  const name = await last.getByText("level 4999").boundingBox();
  const tree = await trace.tree.boundingBox();
  expect(name && tree && name.x >= tree.x && name.x < tree.x + tree.width / 2).toBe(true);
});

test("50 000 orphans of one parent stand once each below one missing row", async ({ page, spanwatch, api }) => {
  test.setTimeout(240_000);
  const traceId = newTraceId();
  const orphans = Array.from({ length: 50_000 }, (_, at) => span(at, 900_000, `orphan ${at}`));
  await sendSpans(spanwatch.http, traceId, orphans);
  const { spans } = await api.get<{ spans: { count: number } }>(`/api/traces/${traceId}/columns`);
  expect(spans.count).toBe(50_001);
  const trace = new TracePage(page);
  await page.setViewportSize({ width: 1_440, height: 4_000 });
  await trace.open(traceId);
  const keys = await trace.everyKey();
  expect(keys[0]).toBe(spanIdOf(900_000));
  expect(keys.length).toBe(50_001);
  expect(new Set(keys).size).toBe(50_001);
});

test("text of any kind is shown as text, and nothing of it runs", async ({ page, spanwatch }) => {
  const traceId = newTraceId();
  const evil = "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>";
  await sendSpans(spanwatch.http, traceId, [
    span(0, null, evil, { service: evil, attributes: { [evil]: evil } }),
    span(1, 0, "שלום עולם مرحبا"),
    span(2, 0, "🚀🧨 launch 👩‍🚀"),
    span(3, 0, "x".repeat(1_000)),
    span(4, 0, ""),
    span(5, 0, "end before start", { startMs: 80, endMs: 20 }),
  ]);
  await sendLogs(spanwatch.http, traceId, spanIdOf(0), [evil], evil);
  const trace = new TracePage(page);
  const violations: string[] = [];
  page.on("console", (message) => message.text().includes("Content Security Policy") && violations.push(message.text()));
  await trace.open(traceId, `?span=${spanIdOf(0)}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(evil);
  await expect(trace.spanPanel.getByText(evil).first()).toBeVisible();
  await expect(trace.rows).toHaveCount(6);
  await expect(trace.row(spanIdOf(4))).toContainText("(no name)");
  await expect(trace.row(spanIdOf(5))).toContainText("−60 ms");
  const wide = await trace.row(spanIdOf(3)).boundingBox();
  expect(wide?.width).toBeLessThan(1_440);
  await trace.tab("Logs").click();
  await expect(page.getByTestId("logs").getByText(evil).first()).toBeVisible();
  expect(await page.evaluate(() => "pwned" in window)).toBe(false);
  expect(violations).toEqual([]);
});

test("the keyboard moves through the tree, folds it and opens the span", async ({ page, spanwatch }) => {
  const traceId = newTraceId();
  await sendSpans(spanwatch.http, traceId, [span(0, null, "root"), span(1, 0, "first"), span(2, 1, "grandchild"), span(3, 0, "second")]);
  const trace = new TracePage(page);
  await trace.open(traceId);
  await page.keyboard.press("ArrowDown");
  await expect(trace.selected).toContainText("root");
  await page.keyboard.press("ArrowDown");
  await expect(trace.selected).toContainText("first");
  await page.keyboard.press("ArrowLeft");
  await expect(trace.row(spanIdOf(1))).toHaveAttribute("aria-expanded", "false");
  await expect(trace.row(spanIdOf(2))).toHaveCount(0);
  await page.keyboard.press("ArrowDown");
  await expect(trace.selected).toContainText("second");
  await page.keyboard.press("ArrowLeft");
  await expect(trace.selected).toContainText("root");
  await page.keyboard.press("End");
  await expect(trace.selected).toContainText("second");
  await page.keyboard.press("Enter");
  await expect(trace.spanPanel.getByRole("heading", { name: "second" })).toBeVisible();
  await page.keyboard.press("e");
  await expect(trace.rows).toHaveCount(4);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toContainText("Next and previous finding");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("/");
  await page.keyboard.type("grand");
  await page.keyboard.press("Enter");
  await expect(trace.selected).toContainText("grandchild");
});

test("n and p walk the findings; each brings its span into view and is in the address", async ({ page, spanwatch, api }) => {
  const traceId = newTraceId();
  await sendSpans(spanwatch.http, traceId, [
    span(0, null, "root"),
    ...Array.from({ length: 200 }, (_, at) => span(10 + at, 0, `step ${at}`)),
    span(500, 5_000, "orphan"),
    span(600, 6_000, "other orphan"),
  ]);
  await api.settledTrace(traceId);
  const trace = new TracePage(page);
  await trace.open(traceId);
  await expect(trace.findings.first()).toBeVisible();
  await page.keyboard.press("n");
  await expect(page).toHaveURL(/finding=/);
  await expect(trace.findings.first().getByRole("button").first()).toHaveAttribute("aria-expanded", "true");
  await expect(trace.selected).toBeInViewport();
  const first = page.url();
  await page.keyboard.press("n");
  await expect(page).not.toHaveURL(first);
  await page.keyboard.press("p");
  await expect(page).toHaveURL(first);

  // The same link shows the same thing to a colleague.
  await page.goto(first);
  await expect(trace.selected).toBeInViewport();
  await expect(trace.findings.first().getByRole("button").first()).toHaveAttribute("aria-expanded", "true");
});

test("the span panel shows every record received, with its arrival, request and connection", async ({ page, spanwatch }) => {
  const traceId = newTraceId();
  const spanId = newSpanId();
  await sendSpans(spanwatch.http, traceId, [{ name: "two reports", spanId, startMs: 0, endMs: null }]);
  await sendSpans(spanwatch.http, traceId, [{ name: "two reports", spanId, startMs: 0, endMs: 40, attributes: { answer: "42" } }]);
  await sendLogs(spanwatch.http, traceId, spanId, ["a log of this span"]);
  const trace = new TracePage(page);
  await trace.open(traceId, `?span=${spanId}`);
  const panel = trace.spanPanel;
  await expect(panel.getByText("answer", { exact: true })).toBeVisible();
  await expect(panel.getByText("a log of this span")).toBeVisible();
  await expect(panel.getByText(/^request -?\d+…\d+$/)).toHaveCount(2);
  await expect(panel.getByText(/^connection -?\d+…\d+$/)).toHaveCount(2);
  await expect(panel.getByText("OTLP without an end")).toBeVisible();
  await panel.getByRole("link", { name: "Traces with answer=42" }).click();
  await expect(page).toHaveURL(/\/traces\?attr=answer%3D42|\/traces\?attr=answer=42/);
});

test("spans that arrive later appear by themselves; scroll, folding and selection stay", async ({ page, spanwatch }) => {
  const traceId = newTraceId();
  const startMs = Date.now() - 60_000;
  const first = [
    span(0, null, "root", { endMs: 9_000 }),
    span(1, 0, "folded", { startMs: 1, endMs: 50 }),
    span(2, 1, "inside the fold", { startMs: 2, endMs: 40 }),
    ...Array.from({ length: 300 }, (_, at) => span(100 + at, 0, `row ${at}`, { startMs: 1_000 + at })),
  ];
  await sendSpans(spanwatch.http, traceId, first, startMs);
  const trace = new TracePage(page);
  await trace.open(traceId);
  await trace.row(spanIdOf(1)).click();
  await page.keyboard.press("ArrowLeft");
  await expect(trace.row(spanIdOf(2))).toHaveCount(0);
  await trace.scrollTo(3_000);
  await expect(trace.row(spanIdOf(100 + 130))).toBeVisible();
  const before = await trace.row(spanIdOf(100 + 130)).boundingBox();

  // They start before everything in view, so they come in above it.
  const late = Array.from({ length: 10 }, (_, at) => span(1_000 + at, 0, `late ${at}`, { startMs: 500 + at, endMs: 600 }));
  const sentAt = Date.now();
  await sendSpans(spanwatch.http, traceId, late, startMs);
  await expect(page.getByText("313 spans", { exact: true })).toBeVisible();
  expect(Date.now() - sentAt).toBeLessThan(10_000);
  const after = await trace.row(spanIdOf(100 + 130)).boundingBox();
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 1e9))).toBeLessThan(2);
  await expect(page).toHaveURL(new RegExp(`span=${spanIdOf(1)}`));
  await trace.scrollTo(0);
  await expect(trace.row(spanIdOf(1))).toHaveAttribute("aria-expanded", "false");
  await expect(trace.selected).toContainText("folded");
  await expect(trace.row(spanIdOf(1_000))).toBeVisible();
});

test("a missing parent's row goes away when the parent comes", async ({ page, spanwatch, api }) => {
  const traceId = newTraceId();
  const startMs = Date.now() - 60_000;
  await sendSpans(spanwatch.http, traceId, [span(1, 0, "child")], startMs);
  await api.settledTrace(traceId);
  const trace = new TracePage(page);
  await trace.open(traceId);
  await expect(trace.row(spanIdOf(0))).toHaveAttribute("data-state", "missing");
  await sendSpans(spanwatch.http, traceId, [span(0, null, "the parent")], startMs);
  await expect(trace.row(spanIdOf(0))).toHaveAttribute("data-state", "closed");
  await expect(trace.row(spanIdOf(0))).toContainText("the parent");
});

test("an unknown trace says what may be the reason, and shows itself when it comes", async ({ page, spanwatch }) => {
  const traceId = newTraceId();
  await page.goto(`/traces/${traceId}`);
  await expect(page.getByRole("heading", { name: "No such trace" })).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible();
  await sendSpans(spanwatch.http, traceId, [span(0, null, "it came")]);
  await expect(new TracePage(page).row(spanIdOf(0))).toContainText("it came");
});

test("a trace is exported as OTLP JSON with every span", async ({ page, spanwatch }) => {
  const traceId = newTraceId();
  await sendSpans(spanwatch.http, traceId, [span(0, null, "root"), span(1, 0, "child")]);
  const trace = new TracePage(page);
  await trace.open(traceId);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export" }).click()]);
  expect(download.suggestedFilename()).toContain(traceId);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  expect(text).toContain('"resourceSpans"');
  for (const number of [0, 1]) expect(text).toContain(spanIdOf(number));
});

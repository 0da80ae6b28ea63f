import { randomUUID } from "node:crypto";
import { expect, test } from "./fixtures";
import { expectAccessible } from "./pages/accessibility";
import { runProgram } from "./programs";
import { newSpanId, newTraceId, sendSpans } from "./send-spans";
import { eventually, type SpanwatchApi } from "./spanwatch-api";
import type { Addresses } from "./start-spanwatch";

/** A run with a span that ends before it begins; returns once that is told. */
async function sendBadRun(spanwatch: Addresses, api: SpanwatchApi, service: string): Promise<string> {
  const traceId = newTraceId();
  const root = newSpanId();
  const spans = [
    { name: "root", spanId: root, startMs: 0, endMs: 10, service },
    { name: "step", parentSpanId: root, startMs: 8, endMs: 2, service },
  ];
  await sendSpans(spanwatch.http, traceId, spans, Date.now());
  await eventually(async () => (await api.findings(traceId)).some(({ kind }) => kind === "impossible-times"), {
    withinMs: 40_000,
    everyMs: 100,
    what: "the impossible times to be told",
  });
  return traceId;
}

test("what was marked fixed leaves the inbox, can be taken back, and says so when it comes back", async ({ page, spanwatch, api }) => {
  const service = `fixed-${newSpanId()}`;
  const traceId = await sendBadRun(spanwatch, api, service);
  await page.goto(`/findings?service=${service}`);
  const groups = page.getByTestId("finding-groups").locator("> li");
  await expect(groups).toHaveCount(1);
  await sendBadRun(spanwatch, api, service);
  await expect(groups.first().getByTestId("runs")).toContainText("1 per run, in 2 runs");
  const unfold = () => groups.first().getByRole("button", { expanded: false }).first().click();
  const say = (verdict: string) => groups.first().getByRole("button", { name: verdict, exact: true }).click();

  await unfold();
  await say("Known");
  await expect(groups).toHaveCount(0);
  await expect(page.getByTestId("judged")).toContainText("Known: it and all like it are muted.");
  expect((await api.findings(traceId, "muted")).map(({ kind }) => kind)).toEqual(["impossible-times"]);
  await page.getByTestId("judged").getByRole("button", { name: "Take it back" }).click();
  await expect(groups).toHaveCount(1);
  await expect(page.getByTestId("judged")).toHaveCount(0);

  // By keyboard alone.
  await unfold();
  await groups.first().getByRole("button", { name: "Fixed", exact: true }).focus();
  await page.keyboard.press("Enter");
  await expect(groups).toHaveCount(0);
  await page.goto(`/findings?service=${service}&state=muted`);
  await expect(groups.first()).toContainText("Marked fixed");
  // A run that went well since.
  await sendSpans(spanwatch.http, newTraceId(), [{ name: "root", startMs: 0, endMs: 10, service }], Date.now());
  const good = groups.first().getByTestId("runs").filter({ hasText: "1 per run → 0 in the run since" });
  await expect(async () => {
    await page.reload();
    await expect(good).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });

  await sendBadRun(spanwatch, api, service);
  await page.goto(`/findings?service=${service}`);
  await expect(groups).toHaveCount(1);
  await expect(groups.first()).toContainText(/Came back .*, after you marked it fixed/);
  await expect(groups.first()).toContainText("1 open of 3");
  await unfold();
  await expect(groups.first()).toContainText("It came back after you marked it fixed");
  await expectAccessible(page, "a group that came back");
});

test("this is normal, in one click: a rule that is listed with what it excuses, and can be removed", async ({ page, spanwatch, api }) => {
  const service = `normal-${randomUUID().slice(0, 8)}`;
  const program = runProgram("logfire", "hang", service, spanwatch, { saysItsPid: true });
  try {
    const { traceId } = await program.said();
    await eventually(async () => (await api.findings(traceId, "open")).some(({ kind }) => kind === "ongoing-span"), {
      withinMs: 20_000,
      everyMs: 100,
      what: "the open span to be told",
    });
    await page.goto(`/findings?service=${service}&kind=ongoing-span`);
    const group = page.getByTestId("finding-groups").locator("> li", { hasText: "charge card" }).first();
    await group.getByRole("button").first().click();
    await group.getByRole("button", { name: "This is normal" }).click();
    await expect(page.getByTestId("judged")).toContainText(`Spans charge card of ${service} are expected to be open for long from now on.`);

    await page.getByRole("link", { name: "Expected to be long" }).click();
    await expect(page).toHaveURL("/findings/expected");
    const rule = page.getByTestId("expected-spans").locator("> li", { hasText: service });
    await expect(rule).toContainText("charge card");
    await page.reload();
    await expect(rule).toContainText("1 open now");
    await expectAccessible(page, "expected spans");
    await rule.getByRole("button", { name: "Remove" }).click();
    await expect(rule).toHaveCount(0);
  } finally {
    program.kill();
    await program.ended;
  }
});

test("a rule is written by hand, and says what is wrong with it", async ({ page }) => {
  const service = `by-hand-${newSpanId()}`;
  await page.goto("/findings/expected");
  const form = page.getByRole("form", { name: "Add a rule" });
  await form.getByRole("button", { name: "Add the rule" }).click();
  await expect(form.getByRole("alert")).toHaveText("Fill in at least one field.");
  await form.getByLabel("Service").fill(service);
  await form.getByLabel("Attribute").fill("push");
  await page.keyboard.press("Enter");
  await expect(form.getByRole("alert")).toHaveText("Write the attribute as key=value.");
  await form.getByLabel("Attribute").fill("channel=push");
  await page.keyboard.press("Enter");
  const rule = page.getByTestId("expected-spans").locator("> li", { hasText: service });
  await expect(rule).toContainText("with channel=push");
  await expect(rule).toContainText("none open now");
  await expect(form.getByLabel("Service")).toHaveValue("");
  await rule.getByRole("button", { name: "Remove" }).click();
  await expect(rule).toHaveCount(0);
});

test("a killed process is one row, with all that it left under it", async ({ page, spanwatch, api }) => {
  const service = `killed-${randomUUID().slice(0, 8)}`;
  const program = runProgram("logfire", "hang", service, spanwatch, { saysItsPid: true });
  const { traceId } = await program.said();
  program.kill();
  await program.ended;
  await eventually(async () => (await api.findings(traceId, "open")).filter(({ kind }) => kind === "abandoned-span").length === 2, {
    withinMs: 20_000,
    everyMs: 100,
    what: "both open spans to be abandoned",
  });
  await page.goto(`/findings?service=${service}`);
  const rows = page.getByTestId("finding-groups").locator("> li");
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText("Left by 1 process that ended: 2 findings in 2 groups");
  await rows.first().getByRole("button").first().click();
  await expect(rows.first().getByTestId("led-groups").locator("> li")).toHaveCount(1);
});

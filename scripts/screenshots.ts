/**
 * Pictures of every page in both languages, both themes and both widths, from a running server into the ignored folder screenshots/:
 *
 *     npm start                                   # in another terminal, with some traces in it (npm run demo)
 *     node scripts/run.mjs scripts/screenshots.ts http://localhost:3000 [part of a name]
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright";

const [base = "http://localhost:3000", only = ""] = process.argv.slice(2);
const FOLDER = join(import.meta.dirname, "../screenshots");
const executablePath = [process.env.CHROMIUM_PATH, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path && existsSync(path),
);

interface Shot {
  name: string;
  path: string;
  /** What is done before the picture is taken. */
  act?(page: Page): Promise<unknown>;
}

interface Summary {
  traceId: string;
  findingCount: number;
  worstSeverity: string | null;
  spanCount: number;
}

async function shots(): Promise<Shot[]> {
  const { items } = (await (await fetch(`${base}/api/traces?limit=200`)).json()) as { items: Summary[] };
  const broken = items.filter((trace) => trace.worstSeverity === "error").sort((a, b) => b.findingCount - a.findingCount)[0] ?? items[0];
  const well = items.find((trace) => trace.findingCount === 0 && trace.spanCount > 2) ?? items[0];
  const big = [...items].sort((a, b) => b.spanCount - a.spanCount)[0];
  return [
    { name: "overview", path: "/overview" },
    { name: "traces", path: "/traces" },
    { name: "traces-filtered", path: "/traces?state=with-findings&range=24h" },
    { name: "traces-nothing-matches", path: "/traces?status=error&minDuration=99999999" },
    { name: "findings", path: "/findings" },
    { name: "findings-unfolded", path: "/findings", act: (page) => page.getByTestId("finding-groups").getByRole("button").first().click() },
    { name: "findings-muted", path: "/findings?state=muted" },
    { name: "findings-expected", path: "/findings/expected" },
    { name: "open", path: "/open" },
    { name: "setup", path: "/setup" },
    { name: "docs", path: "/docs/checks/abandoned-span" },
    { name: "trace-unknown", path: `/traces/${"0".repeat(31)}1` },
    ...(broken === undefined || well === undefined || big === undefined
      ? []
      : [
          { name: "trace", path: `/traces/${broken.traceId}` },
          { name: "trace-finding", path: `/traces/${broken.traceId}`, act: (page: Page) => page.keyboard.press("n") },
          { name: "trace-span", path: `/traces/${broken.traceId}`, act: (page: Page) => page.getByRole("treeitem").nth(1).click() },
          { name: "trace-logs", path: `/traces/${broken.traceId}?tab=logs` },
          { name: "trace-processes", path: `/traces/${broken.traceId}?tab=processes` },
          { name: "trace-well", path: `/traces/${well.traceId}` },
          { name: "trace-big", path: `/traces/${big.traceId}` },
        ]),
  ];
}

async function take(context: BrowserContext, shot: Shot, file: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(base + shot.path);
  await page.locator('[data-testid="sentence"]:not(:empty), h1, h2').first().waitFor();
  await page.waitForTimeout(600);
  await shot.act?.(page).catch((error: Error) => console.log(`${file}: ${error.message.split("\n")[0]}`));
  await page.waitForTimeout(400);
  await page.screenshot({ path: file });
  await page.close();
}

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const wanted = (await shots()).filter(({ name }) => name.includes(only));
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
  });
  for (const locale of ["en-US", "zh-CN"]) {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const [width, height] of [
        [1440, 900],
        [390, 844],
      ] as const) {
        const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale, reducedMotion: "reduce" });
        for (const shot of wanted)
          await take(context, shot, join(FOLDER, `${shot.name}-${locale.slice(0, 2)}-${colorScheme}-${width}.png`));
        await context.close();
      }
    }
  }
  await browser.close();
  console.log(`${wanted.length * 8} pictures in ${FOLDER}`);
}

await main();

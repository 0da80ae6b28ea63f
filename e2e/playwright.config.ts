import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

/** Debian's browser where there is one, else the one that Playwright downloaded. */
const chromium = [process.env.CHROMIUM_PATH, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => path && existsSync(path));

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  globalSetup: "./global-setup.ts",
  outputDir: "../test-results",
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: process.env.SPANWATCH_TEST_REPORT ? [["list"], ["json", { outputFile: process.env.SPANWATCH_TEST_REPORT }]] : [["list"]],
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: chromium, args: ["--disable-dev-shm-usage", "--font-render-hinting=none"] },
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    timezoneId: "UTC",
    contextOptions: { reducedMotion: "reduce" },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
  },
});

import { test as base } from "@playwright/test";
import { SpanwatchApi } from "./spanwatch-api";
import type { Addresses } from "./start-spanwatch";

interface Fixtures {
  /** Where the Spanwatch under test listens. */
  spanwatch: Addresses;
  api: SpanwatchApi;
  skipWithoutBrowser: undefined;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are needed from this pattern
  spanwatch: async ({}, use) => {
    const addresses = process.env.SPANWATCH_E2E;
    if (!addresses) throw new Error("run the specs with e2e/playwright.config.ts: it starts the server");
    await use(JSON.parse(addresses) as Addresses);
  },
  api: async ({ spanwatch }, use) => {
    await use(new SpanwatchApi(spanwatch.web));
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  baseURL: async ({}, use) => {
    await use((JSON.parse(process.env.SPANWATCH_E2E ?? "{}") as Partial<Addresses>).web);
  },
  /** Specs of the wire (`*.wire.spec.ts`) need no browser; the others are skipped with the reason where none can be had. */
  skipWithoutBrowser: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use, testInfo) => {
      const reason = process.env.SPANWATCH_NO_BROWSER;
      testInfo.skip(Boolean(reason) && !testInfo.file.endsWith(".wire.spec.ts"), reason ?? "");
      await use(undefined);
    },
    { auto: true },
  ],
  /** No page may ask anybody but this machine for anything: no fonts, no telemetry, no avatars. */
  context: async ({ context }, use) => {
    const strangers: string[] = [];
    context.on("request", (request) => {
      const { protocol, hostname, href } = new URL(request.url());
      if (/^(http|ws)s?:$/.test(protocol) && hostname !== "127.0.0.1" && hostname !== "localhost") strangers.push(href);
    });
    await use(context);
    if (strangers.length > 0) throw new Error(`the page asked strangers: ${strangers.join(", ")}`);
  },
});

export { expect } from "@playwright/test";

import type { Locator, Page } from "@playwright/test";
import { expect } from "../fixtures";

/** The list of traces, by what a person does there. */
export class TraceListPage {
  readonly page: Page;
  readonly rows: Locator;
  readonly sentence: Locator;
  readonly filters: Locator;

  constructor(page: Page) {
    this.page = page;
    this.rows = page.getByTestId("trace-rows").locator("tbody tr");
    this.sentence = page.getByTestId("sentence");
    this.filters = page.getByTestId("active-filters");
  }

  async open(search = ""): Promise<void> {
    await this.page.goto(`/traces${search}`);
    await expect(this.sentence).not.toBeEmpty();
  }

  row(text: string): Locator {
    return this.rows.filter({ hasText: text });
  }

  /** Says that the page listens, so that nothing sent from now on can be missed. */
  async live(): Promise<void> {
    await expect(this.page.getByRole("status").filter({ hasText: "Live" })).toBeVisible();
  }

  async scrollTo(top: number): Promise<void> {
    await this.page.getByTestId("trace-rows").evaluate((rows, to) => {
      rows.scrollTop = to;
    }, top);
  }

  scrollTop(): Promise<number> {
    return this.page.getByTestId("trace-rows").evaluate((rows) => rows.scrollTop);
  }
}

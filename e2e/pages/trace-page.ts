import type { Locator, Page } from "@playwright/test";
import { expect } from "../fixtures";

/** The page of one trace, by what a person does there. */
export class TracePage {
  readonly page: Page;
  readonly tree: Locator;
  readonly rows: Locator;
  readonly findings: Locator;
  readonly spanPanel: Locator;
  readonly sentence: Locator;

  constructor(page: Page) {
    this.page = page;
    this.tree = page.getByRole("tree");
    this.rows = page.getByRole("treeitem");
    this.findings = page.getByTestId("findings").locator("> li");
    this.spanPanel = page.getByTestId("span-panel");
    this.sentence = page.getByTestId("sentence");
  }

  async open(traceId: string, search = ""): Promise<void> {
    await this.page.goto(`/traces/${traceId}${search}`);
    await expect(this.rows.first()).toBeVisible({ timeout: 30_000 });
  }

  row(spanId: string): Locator {
    return this.page.locator(`[role="treeitem"][data-span="${spanId}"]`);
  }

  get selected(): Locator {
    return this.page.locator('[role="treeitem"][aria-selected="true"]');
  }

  tab(name: string): Locator {
    return this.page.getByRole("tab", { name });
  }

  /** Keys of the rows that exist right now. */
  drawnKeys(): Promise<string[]> {
    return this.rows.evaluateAll((rows) => rows.map((row) => row.getAttribute("data-span") ?? ""));
  }

  scrollTop(): Promise<number> {
    return this.tree.evaluate((tree) => tree.scrollTop);
  }

  async scrollTo(top: number): Promise<void> {
    await this.tree.evaluate((tree, to) => {
      tree.scrollTop = to;
    }, top);
  }

  /** Scrolls through all rows and gives the key of each, in the order it is shown. */
  async everyKey(): Promise<string[]> {
    return this.tree.evaluate(async (tree) => {
      const keys = new Set<string>();
      const drawn = () =>
        [...tree.querySelectorAll<HTMLElement>('[role="treeitem"]')].map((row) => ({ row, box: row.getBoundingClientRect() }));
      const isFilled = () => {
        const { top, bottom } = tree.getBoundingClientRect();
        const boxes = drawn().map(({ box }) => box);
        return (
          boxes.some((box) => box.top <= top + 1 && box.bottom > top) && boxes.some((box) => box.top < bottom && box.bottom >= bottom - 1)
        );
      };
      for (let top = 0; ; top += tree.clientHeight) {
        tree.scrollTop = top;
        do await new Promise((resolve) => setTimeout(resolve, 0));
        while (!isFilled() && tree.scrollHeight > tree.clientHeight);
        const inOrder = drawn().sort((a, b) => a.box.top - b.box.top);
        for (const { row } of inOrder) keys.add(row.dataset.span ?? "");
        if (top + tree.clientHeight >= tree.scrollHeight) return [...keys];
      }
    });
  }
}

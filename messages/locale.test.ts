import { expect, test } from "vitest";
import { localeOf } from "./locale";

test("the reader's own choice wins over the browser's languages", () => {
  expect(localeOf("zh", "en-US")).toBe("zh");
  expect(localeOf("xx", "zh-CN,zh;q=0.9")).toBe("zh");
});

test("the best wish that we can fulfil is shown, by quality and not by place", () => {
  expect(localeOf(undefined, "de, en;q=0.4, zh-Hans;q=0.8")).toBe("zh");
  expect(localeOf(undefined, "fr-FR")).toBe("en");
  expect(localeOf(undefined, null)).toBe("en");
});

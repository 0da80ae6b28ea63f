import { expect, test } from "vitest";
import { CAUSES } from "../finding";
import { EN } from "./en";
import { formatDuration } from "./format";
import { say, sayCause } from "./index";
import { ZH } from "./zh";

const AT = Date.UTC(2026, 10, 24, 12, 0, 4);
const placesOf = (text: string) => new Set([...text.matchAll(/\{(\w+)/g)].map(([, key]) => key));

test("every sentence says the same things in both languages", () => {
  for (const [id, en] of Object.entries(EN)) {
    const zh = ZH[id as keyof typeof EN];
    expect(placesOf(zh), id).toEqual(placesOf(en));
    expect(zh, id).toMatch(/[\u4e00-\u9fff]/);
  }
  expect(Object.keys(ZH).sort()).toEqual(Object.keys(EN).sort());
});

test("a title is one plain sentence with moments in the reader's zone", () => {
  const title = {
    id: "abandoned-span.gone-title",
    args: { process: "pid 4127", span: "process job", startAt: AT, at: AT + 447_000 },
  };
  expect(say(title, "en", "UTC")).toBe("pid 4127 opened `process job` at 12:00:04 and was gone at 12:07:31; the span's end never arrived");
  expect(say(title, "zh", "Asia/Shanghai")).toBe(
    "pid 4127 在 20:00:04 打开了 `process job`，进程在 20:07:31 已消失；这个 Span 的结束记录始终没有到达",
  );
});

test("one and many are told apart, and a part with an empty place is left out", () => {
  expect(say({ id: "orphaned-span.local-title", args: { count: 1, name: "load" } }, "en")).toMatch(/^1 `load` span names a parent/);
  expect(say({ id: "orphaned-span.local-title", args: { count: 8, name: "load" } }, "en")).toMatch(/^8 `load` spans name a parent/);
  const started = { span: "load", at: AT };
  expect(say({ id: "evidence.started", args: { ...started, callSite: "" } }, "en", "UTC")).toBe(
    "`load` was reported as started at 12:00:04.",
  );
  expect(say({ id: "evidence.started", args: { ...started, callSite: "a.py:3" } }, "en", "UTC")).toContain(", opened at a.py:3.");
});

test("names that look like places stay as they are", () => {
  const title = { id: "parent-cycle.self-title", args: { span: "item {count} [at] $&" } };
  expect(say(title, "en")).toBe("`item {count} [at] $&` names itself as its parent");
});

test("a sentence of another version is shown by its id", () => {
  expect(say({ id: "from-the-future", args: {} }, "zh")).toBe("from-the-future");
});

test("durations are told in two significant units", () => {
  expect([350, 1_000, 1_234, 59_999, 60_000, 447_000, 3_600_000, 5_400_000, 90_000_000].map((ms) => formatDuration(ms, "en"))).toEqual([
    "350 ms",
    "1 s",
    "1.2 s",
    "59.9 s",
    "1 min",
    "7 min 27 s",
    "1 h",
    "1 h 30 min",
    "1 d 1 h",
  ]);
  expect(formatDuration(447_000, "zh")).toBe("7 分 27 秒");
});

test("every cause has a name in both languages", () => {
  for (const cause of CAUSES) expect([sayCause(cause, "en"), sayCause(cause, "zh")].every(Boolean), cause).toBe(true);
});

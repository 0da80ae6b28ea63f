import { expect, test } from "./fixtures";
import { TracePage } from "./pages/trace-page";
import { type DrawnSpan, newTraceId, sendSpans, spanIdOf } from "./send-spans";

const COUNT = 100_000;
const OPEN_WITHIN_MS = 5_000;
const LONG_TASK_MAX_MS = 200;

/** One root, batches of ten below it, each with spans at several depths: as a busy service's trace looks. */
const bigTrace = (): DrawnSpan[] =>
  Array.from({ length: COUNT }, (_, at) => ({
    name: at === 0 ? "huge root" : at % 10 === 1 ? `batch ${at}` : (["SELECT", "INSERT", "GET /x", "render"][at % 4] ?? ""),
    spanId: spanIdOf(at),
    parentSpanId: at === 0 ? null : spanIdOf(at % 10 === 1 ? 0 : at - ((at - 1) % 10)),
    startMs: at,
    endMs: at === 0 ? COUNT : at + 9,
    service: `svc-${at % 9}`,
  }));

test(`a trace of ${COUNT} spans opens within ${OPEN_WITHIN_MS} ms and scrolls without a task over ${LONG_TASK_MAX_MS} ms`, async ({
  page,
  spanwatch,
  api,
}) => {
  test.setTimeout(240_000);
  const traceId = newTraceId();
  await sendSpans(spanwatch.http, traceId, bigTrace());
  await api.settledTrace(traceId, 90_000);

  const trace = new TracePage(page);
  const opened = await bestOf(async () => {
    // A first visit loads the program; what is measured is the trace.
    await page.goto("/setup");
    const began = Date.now();
    await trace.open(traceId);
    await expect(page.getByText("100,000 spans", { exact: true })).toBeVisible();
    return { ms: Date.now() - began };
  }, OPEN_WITHIN_MS);
  const scrolled = await bestOf(() => trace.tree.evaluate(scrollAbout), LONG_TASK_MAX_MS);

  const selectBegan = Date.now();
  await trace.rows.nth(10).click();
  await expect(trace.selected).toHaveCount(1);
  const selectedMs = Date.now() - selectBegan;
  const answer = await fetch(`${spanwatch.web}/api/traces/${traceId}/columns`, { headers: { "accept-encoding": "identity" } });
  const bytes = (await answer.arrayBuffer()).byteLength;
  console.log(
    `${COUNT} spans: opened in ${opened.ms} ms; scrolling: median frame ${scrolled.median.toFixed(0)} ms, slowest ${scrolled.slowest.toFixed(0)} ms, ` +
      `${scrolled.longTasks} long tasks, longest ${scrolled.ms.toFixed(0)} ms; span selected in ${selectedMs} ms; ${(bytes / COUNT).toFixed(0)} bytes a span`,
  );
  expect(opened.ms).toBeLessThan(OPEN_WITHIN_MS);
  expect(scrolled.ms).toBeLessThan(LONG_TASK_MAX_MS);

  // A link to any of its spans opens there.
  await trace.open(traceId, `?span=${spanIdOf(77_777)}`);
  await expect(trace.row(spanIdOf(77_777))).toBeInViewport();
});

/** What a busy machine does to one try is not the page's doing: the best of three counts. */
async function bestOf<T extends { ms: number }>(measure: () => Promise<T>, enoughMs: number): Promise<T> {
  let best = await measure();
  for (let tries = 1; tries < 3 && best.ms >= enoughMs; tries++) {
    const next = await measure();
    if (next.ms < best.ms) best = next;
  }
  return best;
}

/** Three seconds of wheel, a page a frame at its fastest, with leaps over the whole length. Runs in the page. `ms`: its longest task. */
async function scrollAbout(tree: Element): Promise<{ ms: number; longTasks: number; median: number; slowest: number }> {
  const tasks: number[] = [];
  const frames: number[] = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration)));
  observer.observe({ type: "longtask" });
  tree.scrollTop = 0;
  let last = performance.now();
  for (let frame = 0; frame < 180; frame++) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
    tree.scrollTop += frame % 30 === 29 ? tree.scrollHeight / 8 : 40 + (frame % 3) * 300;
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  observer.disconnect();
  frames.sort((a, b) => a - b);
  return { ms: Math.max(0, ...tasks), longTasks: tasks.length, median: frames[90] ?? 0, slowest: frames.at(-1) ?? 0 };
}

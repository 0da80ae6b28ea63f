import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type LiveState, startLive } from "./live";
import { traceColumnsQuery } from "./queries/trace-columns";
import { logsQuery, tracesQuery } from "./queries/traces";

/** A browser's EventSource as far as it is used, with handles for the server's side. */
class Source {
  static all: Source[] = [];
  onmessage: ((message: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  isClosed = false;
  constructor() {
    Source.all.push(this);
  }
  close() {
    this.isClosed = true;
  }
  tell(event: object) {
    this.onmessage?.({ data: JSON.stringify(event) });
  }
}

let client: QueryClient;
let stop: () => void;
let states: LiveState[];
let asked: string[];
let answerMs: number;
let visibility: { hidden: boolean; change(): void };

beforeEach(() => {
  vi.useFakeTimers();
  Source.all = [];
  asked = [];
  states = [];
  answerMs = 0;
  vi.stubGlobal("EventSource", Source);
  let onChange = () => {};
  visibility = { hidden: false, change: () => onChange() };
  vi.stubGlobal("document", {
    get hidden() {
      return visibility.hidden;
    },
    addEventListener: (_: string, listener: () => void) => {
      onChange = listener;
    },
    removeEventListener: () => {
      onChange = () => {};
    },
  });
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    await new Promise((resolve) => setTimeout(resolve, answerMs));
    return new Response("{}");
  });
  client = new QueryClient();
  stop = startLive({ queryClient: client, onState: (state) => states.push(state) });
});
afterEach(() => {
  stop();
  client.clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const source = () => Source.all.at(-1) as Source;
const traces = (...traceIds: string[]) => ({ type: "traces", traceIds, more: false });
/** Shows the list, two traces and the logs of one, as a page would; what was asked for that is forgotten. */
async function show() {
  for (const options of [tracesQuery(), traceColumnsQuery("a"), traceColumnsQuery("b"), logsQuery("a")]) {
    new QueryObserver(client, options as never).subscribe(() => {});
  }
  await vi.advanceTimersByTimeAsync(100);
  asked = [];
}
const after = async (ms: number) => {
  await vi.advanceTimersByTimeAsync(ms);
  return asked.splice(0).sort();
};

test("what is shown of a trace is asked for again when it got records, and nothing else", async () => {
  await show();
  source().tell(traces("a"));
  expect(await after(600)).toEqual(["/api/traces", "/api/traces/a/columns", "/api/traces/a/logs"]);
  source().tell({ ...traces("z"), more: true });
  expect(await after(600)).toEqual(["/api/traces", "/api/traces/a/columns", "/api/traces/a/logs", "/api/traces/b/columns"]);
});

test("a storm of events becomes two rounds of questions a second", async () => {
  await show();
  for (let count = 0; count < 200; count++) {
    source().tell(traces("a"));
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(asked.filter((path) => path === "/api/traces/a/columns").length).toBeGreaterThanOrEqual(3);
  expect(asked.filter((path) => path === "/api/traces/a/columns").length).toBeLessThanOrEqual(4);
});

test("a server that needs five seconds for an answer is asked half of the time at most", async () => {
  await show();
  answerMs = 5_000;
  for (let count = 0; count < 300; count++) {
    source().tell(traces("a"));
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(asked.filter((path) => path === "/api/traces/a/columns").length).toBeLessThanOrEqual(4);
});

test("a page that was just loaded is not loaded twice, unless the server says that something was missed", async () => {
  await show();
  source().tell({ type: "hello", missed: false });
  expect(await after(2_000)).toEqual([]);
  source().tell({ type: "hello", missed: true });
  expect(await after(2_000)).toHaveLength(4);
});

test("a lost connection comes back by itself, slower each time, and then everything is asked for again", async () => {
  await show();
  source().tell({ type: "hello", missed: false });
  for (const pauseMs of [500, 1_000, 2_000, 5_000, 10_000, 10_000]) {
    const before = Source.all.length;
    source().onerror?.();
    await vi.advanceTimersByTimeAsync(pauseMs - 1);
    expect(Source.all.length).toBe(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(Source.all.length).toBe(before + 1);
  }
  expect(Source.all.slice(0, -1).every(({ isClosed }) => isClosed)).toBe(true);
  source().tell({ type: "hello", missed: false });
  expect(await after(600)).toHaveLength(4);
  expect(states.at(-1)).toBe("live");
});

test("a hidden tab lets its connection go and catches up when it is seen again", async () => {
  await show();
  source().tell({ type: "hello", missed: false });
  visibility.hidden = true;
  visibility.change();
  expect(source().isClosed).toBe(true);
  expect(states.at(-1)).toBe("paused");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(Source.all).toHaveLength(1);
  visibility.hidden = false;
  visibility.change();
  source().tell({ type: "hello", missed: false });
  expect(await after(600)).toHaveLength(4);
});

test("nothing goes on after the end", async () => {
  await show();
  source().tell(traces("a"));
  stop();
  expect(source().isClosed).toBe(true);
  expect(await after(60_000)).toEqual([]);
  expect(Source.all).toHaveLength(1);
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type EventSink, eventStream } from "./event-stream";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const abort = new AbortController();
  const ended = vi.fn();
  const sinks: EventSink[] = [];
  const response = eventStream(abort.signal, new Headers(), (sink) => {
    sinks.push(sink);
    return ended;
  });
  const bytes = response.body!.getReader();
  const read = async () => new TextDecoder().decode((await bytes.read()).value);
  return { abort, ended, sink: sinks[0]!, response, read, cancel: () => bytes.cancel() };
}

test("events arrive one by one, and no proxy may hold them back", async () => {
  const { sink, read, response } = open();
  sink.send('{"a":1}');
  expect(await read()).toBe('data: {"a":1}\n\n');
  sink.send('{"a":2}');
  expect(await read()).toBe('data: {"a":2}\n\n');
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(response.headers.get("cache-control")).toContain("no-transform");
});

test("a line that is silent is kept open by a comment every 15 seconds", async () => {
  const { read } = open();
  vi.advanceTimersByTime(15_000);
  expect(await read()).toMatch(/^:/);
});

test("whoever leaves is forgotten: no timer and no source goes on", async () => {
  for (const leave of ["abort", "cancel", "end"] as const) {
    const { abort, ended, sink, cancel } = open();
    const running = vi.getTimerCount();
    if (leave === "abort") abort.abort();
    else if (leave === "cancel") await cancel();
    else sink.end();
    expect(ended, leave).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount(), leave).toBe(running - 1);
    expect(() => sink.send("late")).not.toThrow();
  }
});

test("a reader that has stopped reading is let go instead of filling the memory", () => {
  const { ended, sink } = open();
  for (let count = 0; count < 1_000; count++) sink.send("x");
  expect(ended).toHaveBeenCalledTimes(1);
});

test("a reader that left before the start is not kept", () => {
  const ended = vi.fn();
  eventStream(AbortSignal.abort(), new Headers(), () => ended);
  expect(ended).toHaveBeenCalled();
});

import type { QueryClient, QueryKey } from "@tanstack/react-query";
import type { LiveEvent } from "./contract/status";

export type LiveState = "connecting" | "live" | "paused" | "lost";

interface LiveOptions {
  queryClient: QueryClient;
  onState(state: LiveState): void;
}

/** At most two rounds of questions a second … */
const ROUND_PAUSE_MS = 500;
const EVERYTHING: QueryKey = [];
const RECONNECT_MS = [500, 1_000, 2_000, 5_000, 10_000];

/**
 * Listens to `GET /api/live` and asks again for what it names: the browser's half of live updates. Events are hints, so losing some is
 * harmless: every (re)connection asks for all that is shown. A hidden tab lets its connection go (a browser gives one host six of them)
 * and catches up when it is seen again.
 * @returns the function that ends it.
 */
export function startLive({ queryClient, onState }: LiveOptions): () => void {
  let source: EventSource | null = null;
  let reconnect: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let connectedBefore = false;
  const rounds = startRounds(queryClient);

  function connect() {
    onState("connecting");
    source = new EventSource("/api/live");
    source.onmessage = (message: MessageEvent<string>) => {
      failures = 0;
      onState("live");
      const event = JSON.parse(message.data) as LiveEvent;
      if (event.type !== "hello") rounds.add(staleKeysOf(event));
      else if (event.missed || connectedBefore) rounds.add([EVERYTHING]);
      if (event.type === "hello") connectedBefore = true;
    };
    // Not left to EventSource itself: it gives up for good on an answer that is not 200, such as 503 while the database restarts.
    source.onerror = () => {
      disconnect();
      onState("lost");
      reconnect = setTimeout(connect, RECONNECT_MS[Math.min(failures++, RECONNECT_MS.length - 1)]);
    };
  }
  function disconnect() {
    clearTimeout(reconnect);
    source?.close();
    source = null;
  }
  function onVisibility() {
    disconnect();
    failures = 0;
    if (document.hidden) onState("paused");
    else connect();
  }

  document.addEventListener("visibilitychange", onVisibility);
  onVisibility();
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    disconnect();
    rounds.stop();
  };
}

/** Query keys (beginnings of them) whose answers an event made old. */
function staleKeysOf(event: Exclude<LiveEvent, { type: "hello" }>): QueryKey[] {
  const traces = event.more ? [["traces", "one"]] : event.traceIds.map((traceId) => ["traces", "one", traceId]);
  const lists = [["traces", "list"], ["open-spans"], ["stats"]];
  return event.type === "findings" ? [...traces, ...lists, ["findings"]] : [...traces, ...lists, ["processes"], ["setup"]];
}

/**
 * Collects keys and asks for them in rounds. A round waits for the answers of the one before and rests at least as long as those took,
 * so that a trace of 100 000 spans does not keep the browser and the server busy all the time.
 */
function startRounds(queryClient: QueryClient) {
  let waiting = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;
  let stopped = false;

  async function round() {
    timer = undefined;
    busy = true;
    const keys = [...waiting.values()];
    waiting = new Map();
    const began = performance.now();
    // Failures are shown by the queries themselves.
    await Promise.allSettled(keys.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
    busy = false;
    schedule(Math.max(ROUND_PAUSE_MS, performance.now() - began));
  }
  function schedule(delayMs: number) {
    if (!stopped && !busy && timer === undefined && waiting.size > 0) timer = setTimeout(() => void round(), delayMs);
  }
  return {
    add(keys: QueryKey[]) {
      for (const key of keys) waiting.set(JSON.stringify(key), key);
      schedule(ROUND_PAUSE_MS);
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

import type { Capture, CaptureEvent } from "./capture";

/** The recording as it would be had everything been killed at `atMs` (ms since its start): nothing comes later, every connection closes. */
export function killedAt(capture: Capture, atMs: number): Capture {
  const events = capture.events.filter((event) => event.at <= atMs && event.event !== "stop");
  const open = new Set<number>();
  for (const event of events) {
    if (event.event === "open") open.add(event.conn);
    if (event.event === "close") open.delete(event.conn);
  }
  const closes = [...open].map((conn): CaptureEvent => ({ event: "close", at: atMs, conn, by: "client" }));
  return { ...capture, events: [...events, ...closes, { event: "stop", at: atMs }] };
}

/** The recording as a Collector would pass it on: one pooled connection, under its own user agent. */
export function throughCollector(capture: Capture): Capture {
  const events = capture.events.flatMap((event): CaptureEvent[] => {
    if (event.event === "open" || event.event === "close" || event.event === "garbage") return [];
    if (event.event !== "request") return [event];
    return [{ ...event, conn: 0, headers: { ...event.headers, "user-agent": "OpenTelemetry Collector/0.150.0 (linux/amd64)" } }];
  });
  const first = events.findIndex((event) => event.event === "request");
  events.splice(Math.max(first, 1), 0, { event: "open", at: events[first]?.at ?? 0, conn: 0 });
  return { ...capture, events };
}

/** Every request up to `lateMs` later than it came, each by another delay, and one in ten twice; the connections as they were. */
export function shaken(capture: Capture, lateMs: number, random: () => number): Capture {
  const events = capture.events.flatMap((event): CaptureEvent[] => {
    if (event.event !== "request") return [event];
    const late = { ...event, at: event.at + Math.round(random() * lateMs) };
    return random() < 0.1 ? [late, { ...late, at: late.at + Math.round(random() * lateMs) }] : [late];
  });
  const opened = new Map(capture.events.flatMap((event) => (event.event === "open" ? [[event.conn, event.at] as const] : [])));
  const last = new Map<number, number>();
  for (const event of events) if (event.event === "request") last.set(event.conn, Math.max(last.get(event.conn) ?? 0, event.at));
  // A connection cannot close before its last request.
  const moved = events.map((event) =>
    event.event === "close" ? { ...event, at: Math.max(event.at, (last.get(event.conn) ?? opened.get(event.conn) ?? 0) + 1) } : event,
  );
  return { ...capture, events: moved.sort((a, b) => a.at - b.at) };
}

/** A small generator of random numbers that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

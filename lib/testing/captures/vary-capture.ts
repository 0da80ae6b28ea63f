import { bodyOf, type Capture, type CaptureEvent } from "./capture";
import { countResources, splitJsonList, splitOtlp } from "./split-body";

type Request = CaptureEvent & { event: "request" };

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

/** How a hop between the programs and us shows itself on the wire. */
export const HOPS = {
  collector: { "user-agent": "OpenTelemetry Collector/0.150.0 (linux/amd64)" },
  forwarding: { "user-agent": "logfire-proxy/4.41.0" },
  proxy: { "x-forwarded-for": "10.1.2.3" },
} as const;

/**
 * The recording as a hop would pass it on: over a pool of connections that have nothing to do with the programs' own, opened at the first
 * request and closed, by an idle timer or a restart of the hop, at the last.
 */
export function throughHop(capture: Capture, hop: keyof typeof HOPS, random: () => number, pool = 3): Capture {
  const requests = capture.events.filter((event) => event.event === "request");
  const [firstMs = 0, lastMs = 0] = [requests[0]?.at, requests.at(-1)?.at];
  const pooled = Array.from({ length: pool }, (_, conn) => conn);
  return {
    ...capture,
    events: [
      ...capture.events.filter((event) => event.event === "start"),
      ...pooled.map((conn): CaptureEvent => ({ event: "open", at: firstMs, conn })),
      ...requests.map((event) => ({ ...event, conn: Math.floor(random() * pool), headers: { ...event.headers, ...HOPS[hop] } })),
      ...pooled.map((conn): CaptureEvent => ({ event: "close", at: lastMs + 1, conn, by: "client" })),
      ...capture.events.filter((event) => event.event === "stop"),
    ],
  };
}

/** How far `shaken` shakes. */
export interface Shaking {
  /** Each request is up to so much later than it came, ms. */
  requestLateMs: number;
  /**
   * Besides, everything of a connection, its end too, is up to so much later, so that connections end in another order, ms. With 0 each
   * ends when it did, and its requests come before that.
   */
  connectionLateMs: number;
  /** How many of ten requests come twice, and how many as several requests with a part of the records each. */
  doubledOfTen: number;
  splitOfTen: number;
}

/** A last request right before the close is the sign of an orderly exit: delay makes none. */
const CLEAR_OF_CLOSE_MS = 25;

/** As a slow network, a retrying exporter and smaller batches would have brought it: the same records, late, doubled, in parts, out of order. */
export function shaken(capture: Capture, shaking: Shaking, random: () => number): Capture {
  const { requestLateMs, connectionLateMs, doubledOfTen, splitOfTen } = shaking;
  const closesAt = new Map(capture.events.flatMap((event) => (event.event === "close" ? [[event.conn, event.at] as const] : [])));
  const shift = new Map<number, number>();
  for (const { event, ...rest } of capture.events)
    if (event === "open" && "conn" in rest) shift.set(rest.conn, random() * connectionLateMs);
  const late = (at: number, conn: number): number => {
    const then = Math.round(at + (shift.get(conn) ?? 0) + random() * requestLateMs);
    return connectionLateMs > 0 ? then : Math.max(at, Math.min(then, (closesAt.get(conn) ?? Number.POSITIVE_INFINITY) - CLEAR_OF_CLOSE_MS));
  };
  const last = new Map<number, number>();
  const lastBefore = new Map<number, number>();
  for (const event of capture.events) if (event.event === "request") lastBefore.set(event.conn, event.at);
  const requests = capture.events.flatMap((event): Request[] => {
    if (event.event !== "request") return [];
    const parts = random() * 10 < splitOfTen ? split(event, 2 + Math.floor(random() * 3), random) : [event];
    return parts.flatMap((part) => {
      const at = late(event.at, event.conn);
      const times = random() * 10 < doubledOfTen ? [at, late(at, event.conn)] : [at];
      last.set(event.conn, Math.max(last.get(event.conn) ?? 0, ...times));
      return times.map((time) => ({ ...part, at: time }));
    });
  });
  const others = capture.events.flatMap((event): CaptureEvent[] => {
    if (event.event === "request") return [];
    if (event.event !== "close") return [event];
    const gapMs = Math.max(1, Math.min(CLEAR_OF_CLOSE_MS, event.at - (lastBefore.get(event.conn) ?? 0)));
    return [{ ...event, at: Math.max(event.at + Math.round(shift.get(event.conn) ?? 0), (last.get(event.conn) ?? 0) + gapMs) }];
  });
  return { ...capture, events: [...others, ...requests].sort((a, b) => a.at - b.at) };
}

function split(event: Request, parts: number, random: () => number): Request[] {
  const body = bodyOf(event);
  const path = event.path.toLowerCase();
  if (body === null || body.length === 0 || !/trace|logs|spans/.test(path)) return [event];
  const isJson = (event.headers["content-type"] ?? "").includes("json");
  if (isJson && !path.endsWith("/spans")) return [event];
  // That records of several processes came in one request is evidence by itself (wire.md L5): such a request stays whole.
  if (!isJson && countResources(body) > 1) return [event];
  const bodies = isJson ? splitJsonList(body, parts, random) : splitOtlp(body, parts, random);
  const { "content-encoding": _, ...headers } = event.headers;
  return bodies.map((part) => ({ ...event, headers, grpcCompressed: false, body: Buffer.from(part).toString("base64") }));
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

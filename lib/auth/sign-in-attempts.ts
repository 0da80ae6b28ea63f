import { isIPv6 } from "node:net";
import { AppError } from "@/lib/errors";

const FAILURES_MAX = 10;
const WINDOW_MS = 60_000;
const SOURCES_MAX = 10_000;

/**
 * Slows down whoever tries keys: ten wrong ones a minute from one place, then 429. Only failures count, so nobody can lock others out for
 * long; and it is a brake, not a wall: the wall is that a key has 256 random bits. Kept in memory, per web process.
 */
export class SignInAttempts {
  #failures = new Map<string, { count: number; untilMs: number }>();

  /** @throws AppError `too_many_requests` */
  check(source: string, nowMs: number): void {
    const known = this.#failures.get(source);
    if (known && known.untilMs > nowMs && known.count >= FAILURES_MAX) {
      throw new AppError("too_many_requests", "Too many wrong keys. Try again in a minute.");
    }
  }

  noteFailure(source: string, nowMs: number): void {
    const known = this.#failures.get(source);
    if (known && known.untilMs > nowMs) {
      known.count += 1;
      return;
    }
    this.#failures.delete(source);
    for (const [oldest, { untilMs }] of this.#failures) {
      if (untilMs > nowMs && this.#failures.size < SOURCES_MAX) break;
      this.#failures.delete(oldest);
    }
    this.#failures.set(source, { count: 1, untilMs: nowMs + WINDOW_MS });
  }
}

/**
 * The place a request came from: the last hop that `X-Forwarded-For` names (a proxy in front appends it; Next puts the socket's address
 * where there is none), an IPv6 address by its /64, because one machine has 2^64 of them.
 */
export function sourceOf(headers: Headers): string {
  const address = headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() ?? "";
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1] ?? address;
  const [head = "", tail = ""] = address.toLowerCase().split("::");
  const groups = head.split(":").filter(Boolean);
  const rest = tail.split(":").filter(Boolean);
  const all = address.includes("::") ? [...groups, ...Array<string>(8 - groups.length - rest.length).fill("0"), ...rest] : groups;
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}

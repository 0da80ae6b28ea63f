import { setImmediate } from "node:timers/promises";
import type { Slices } from "@/lib/span-tree/slices";

/** How long a computation may keep the event loop before others get a turn, ms. */
const TURN_MS = 12;

/** Runs a computation slice by slice, so that other requests are answered meanwhile. */
export async function inTurns<T>(slices: Slices<T>): Promise<T> {
  let turnEndsMs = performance.now() + TURN_MS;
  for (;;) {
    const slice = slices.next();
    if (slice.done) return slice.value;
    if (performance.now() < turnEndsMs) continue;
    await setImmediate();
    turnEndsMs = performance.now() + TURN_MS;
  }
}

import type { TraceId } from "@/lib/otel/ids";

/** A look at one trace may take at most one twentieth of the time. */
const SHARE = 20;
/** Traces with fewer records are cheap; what a look at them took says more of the machine than of them. */
const BIG_RECORDS = 1_000;
const REMEMBERED_MAX = 10_000;

/** How soon a trace may be looked at again, by what its last look cost: a trace of a million spans that grows is not read all day. */
export class Pace {
  readonly #notBefore = new Map<TraceId, number>();

  notBeforeMs(traceId: TraceId): number {
    return this.#notBefore.get(traceId) ?? 0;
  }

  /** Notes what a look cost. @returns when the next may be. */
  costs(traceId: TraceId, records: number, costMs: number, nowMs: number): number {
    this.#notBefore.delete(traceId);
    if (records < BIG_RECORDS) return 0;
    const notBeforeMs = nowMs + SHARE * costMs;
    this.#notBefore.set(traceId, notBeforeMs);
    if (this.#notBefore.size > REMEMBERED_MAX) this.#forget(nowMs);
    return notBeforeMs;
  }

  #forget(nowMs: number): void {
    for (const [traceId, notBeforeMs] of this.#notBefore) {
      if (notBeforeMs <= nowMs || this.#notBefore.size > REMEMBERED_MAX) this.#notBefore.delete(traceId);
    }
  }
}

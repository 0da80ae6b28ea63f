import type { Db } from "@/db/client";
import { acquireLease, isLeaseHeld, releaseLease } from "@/db/queries/scheduler/leases";
import type { Transaction } from "@/db/queries/scheduler/transaction";

/** GET /api/health looks for it by this name. */
const NAME = "scheduler";
/** How long a scheduler that is killed keeps the next from working. */
const HOLD_MS = 5_000;
const RENEW_EVERY_MS = 1_000;

/** This scheduler is not, or no longer, the one that may write. */
export class LeaseLost extends Error {}

/**
 * One scheduler works at a time. Whoever holds the lease proves it in every transaction by its fence, so one that slept too long, or was
 * taken for dead, writes nothing.
 */
export class Lease {
  readonly #db: Db;
  readonly #holder: string;
  #fence: string | null = null;
  #renewedMs = Number.NEGATIVE_INFINITY;

  constructor(db: Db, holder: string) {
    this.#db = db;
    this.#holder = holder;
  }

  /** Takes or renews it where that is due. @returns whether it is held. */
  async keep(nowMs: number): Promise<boolean> {
    if (this.#fence !== null && nowMs - this.#renewedMs < RENEW_EVERY_MS) return true;
    this.#fence = await acquireLease(this.#db, NAME, this.#holder, HOLD_MS);
    this.#renewedMs = nowMs;
    return this.#fence !== null;
  }

  /** @throws LeaseLost unless this transaction may write. */
  async prove(tx: Transaction): Promise<void> {
    if (this.#fence !== null && (await isLeaseHeld(tx, NAME, this.#holder, this.#fence))) return;
    this.#fence = null;
    throw new LeaseLost("another scheduler holds the lease");
  }

  async release(): Promise<void> {
    if (this.#fence !== null) await releaseLease(this.#db, NAME, this.#holder);
    this.#fence = null;
  }
}

import type { Db } from "@/db/client";
import { listDueSourceWatches, postponeSourceWatch, type SourceWatch } from "@/db/queries/scheduler/sources";
import { type DueWatch, findNextDueMs, listDueWatches, postponeWatches } from "@/db/queries/scheduler/watches";
import type { DiagnosisSettings } from "@/lib/diagnosis/settings";
import { logger } from "@/lib/logger";
import type { TraceId } from "@/lib/otel/ids";
import { Learned } from "./learned";
import { Lease, LeaseLost } from "./lease";
import { lookAt } from "./look";
import { lookAtSources } from "./look-at-sources";
import { Pace } from "./pace";
import { consumeArrivals } from "./take-arrivals";

/** Notifications are hints; this is how long the loop sleeps without one. */
const POLL_MS = 1_000;
/** While another scheduler holds the lease. */
const STANDBY_MS = 1_000;
/** Pauses while the database is in trouble, ms. */
const TROUBLE_MS = [100, 500, 1_000, 2_000, 5_000];
const WATCHES_MAX = 200;
/** Records that one look may load for all of its traces. Beyond it, a trace is looked at by itself, beside the others. */
const RECORDS_MAX = 20_000;
/** A trace of more records than this does not fit into the memory that one look may take: it is left alone, and said so in the log. */
const RECORDS_TOO_MANY = 2_000_000;
const TOO_MANY_AGAIN_MS = 600_000;
/** A trace that cannot be looked at (a defect of ours) waits so long, and holds up no other. */
const FAILED_AGAIN_MS = 60_000;

interface Options {
  db: Db;
  holder: string;
  settings: DiagnosisSettings;
  clock?: () => number;
}

/** The scheduler's work: arrivals become watches, watches that are due become looks. */
export class WatchLoop {
  readonly #options: Required<Options>;
  readonly #lease: Lease;
  readonly #learned = new Learned();
  readonly #pace = new Pace();
  #isStopping = false;
  #wake: () => void = () => {};
  #isWoken = false;
  #running: Promise<void> | null = null;
  /** The look at one big trace that goes on beside the loop. */
  #bigLook: Promise<void> | null = null;
  #bigTraceId: TraceId | null = null;

  constructor(options: Options) {
    this.#options = { clock: Date.now, ...options };
    this.#lease = new Lease(options.db, options.holder);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Something arrived: look now instead of at the next poll. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Ends after the transaction that is open; what is not done is done after the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.wake();
    await this.#running;
    await this.#bigLook;
    try {
      await this.#learned.flush(this.#options.db, this.#lease, this.#options.clock(), true);
      await this.#lease.release();
    } catch (error) {
      logger.debug({ err: error }, "the scheduler's lease could not be given back: it runs out by itself");
    }
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isStopping) {
      try {
        this.#isWoken = false;
        const sleepMs = await this.#turn();
        failures = 0;
        await this.#sleep(sleepMs);
      } catch (error) {
        if (error instanceof LeaseLost) logger.warn("another scheduler has taken over");
        else logger.error({ err: error }, "the scheduler could not work: it tries again");
        await this.#sleep(TROUBLE_MS[Math.min(failures++, TROUBLE_MS.length - 1)] as number, false);
      }
    }
  }

  /** One round of all there is to do. @returns for how long nothing will be, ms. */
  async #turn(): Promise<number> {
    const { db, clock, settings } = this.#options;
    if (!(await this.#lease.keep(clock()))) return STANDBY_MS;
    const notBeforeMs = (traceId: TraceId) => this.#pace.notBeforeMs(traceId);
    const taken = await consumeArrivals({ db, lease: this.#lease, clock, settleMs: settings.settleMs }, notBeforeMs);
    const due = (await listDueWatches(db, clock(), WATCHES_MAX)).filter(({ traceId }) => traceId !== this.#bigTraceId);
    const { small, big } = share(due);
    for (const watches of byProject(small)) await this.#look(watches);
    if (big && big.spanCount > RECORDS_TOO_MANY) await this.#leaveAlone(big);
    else if (big && this.#bigLook === null) this.#lookBeside(big);
    for (const watch of await listDueSourceWatches(db, clock())) await this.#lookAtSources(watch);
    await this.#learned.flush(db, this.#lease, clock());

    if (taken > 0 || small.length > 0) return 0;
    const nextDueMs = this.#bigLook === null ? await findNextDueMs(db) : null;
    return Math.max(0, Math.min(POLL_MS, (nextDueMs ?? Number.POSITIVE_INFINITY) - clock()));
  }

  async #leaveAlone({ traceId, spanCount }: DueWatch): Promise<void> {
    logger.warn({ traceId, records: spanCount }, "a trace is too big to be diagnosed");
    await postponeWatches(this.#options.db, [traceId], this.#options.clock() + TOO_MANY_AGAIN_MS);
  }

  #lookBeside(watch: DueWatch): void {
    this.#bigTraceId = watch.traceId;
    this.#bigLook = this.#look([watch])
      .catch((error: unknown) => logger.warn({ err: error, traceId: watch.traceId }, "a big trace could not be looked at: it stays due"))
      .finally(() => {
        this.#bigLook = null;
        this.#bigTraceId = null;
        this.wake();
      });
  }

  async #look(watches: readonly DueWatch[]): Promise<void> {
    const { db, clock, settings } = this.#options;
    const startedMs = clock();
    const parts = { db, lease: this.#lease, learned: this.#learned, settings, clock };
    try {
      const sizes = new Map(watches.map(({ traceId, spanCount }) => [traceId, spanCount]));
      const all = watches.reduce((sum, { spanCount }) => sum + spanCount, 1);
      await lookAt(parts, watches, (traceId) => {
        const records = sizes.get(traceId) ?? 0;
        return this.#pace.costs(traceId, records, ((clock() - startedMs) * records) / all, clock());
      });
    } catch (error) {
      if (error instanceof LeaseLost || isDatabaseTrouble(error)) throw error;
      await this.#isolate(watches, error);
    }
  }

  async #lookAtSources(watch: SourceWatch): Promise<void> {
    const { db, clock, settings } = this.#options;
    try {
      await lookAtSources({ db, lease: this.#lease, settings, clock }, watch);
    } catch (error) {
      if (error instanceof LeaseLost || isDatabaseTrouble(error)) throw error;
      logger.error({ err: error, projectId: watch.projectId }, "a project's senders could not be looked at");
      await postponeSourceWatch(db, watch.projectId, clock() + FAILED_AGAIN_MS);
    }
  }

  /** A trace that breaks a look must not stop the others: they are looked at one by one, and it waits. */
  async #isolate(watches: readonly DueWatch[], error: unknown): Promise<void> {
    if (watches.length > 1) {
      for (const watch of watches) await this.#look([watch]);
      return;
    }
    logger.error({ err: error, traceId: watches[0]?.traceId }, "a trace could not be looked at");
    await postponeWatches(
      this.#options.db,
      watches.map(({ traceId }) => traceId),
      this.#options.clock() + FAILED_AGAIN_MS,
    );
  }

  #sleep(ms: number, wakes = true): Promise<void> {
    if (this.#isStopping || (wakes && this.#isWoken)) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        if (!wakes && !this.#isStopping) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** As many of the longest due as one look may load, and the first that is too big for it. */
function share(due: readonly DueWatch[]): { small: DueWatch[]; big: DueWatch | null } {
  const small: DueWatch[] = [];
  let big: DueWatch | null = null;
  let records = 0;
  for (const watch of due) {
    if (watch.spanCount > RECORDS_MAX) big ??= watch;
    else if (records + watch.spanCount <= RECORDS_MAX) {
      records += watch.spanCount;
      small.push(watch);
    }
  }
  return { small, big };
}

function byProject(watches: readonly DueWatch[]): DueWatch[][] {
  const groups = new Map<number, DueWatch[]>();
  for (const watch of watches) {
    const group = groups.get(watch.projectId);
    if (group) group.push(watch);
    else groups.set(watch.projectId, [watch]);
  }
  return [...groups.values()];
}

/** Postgres and the network speak in codes; our own defects have none. */
const isDatabaseTrouble = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && /^(08|53|57|58|40|55|XX|E[A-Z]+$)/.test(String(error.code));

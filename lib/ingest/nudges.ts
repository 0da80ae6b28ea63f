import type { Db } from "@/db/client";
import { listNeverClosed, type NeverClosed } from "@/db/queries/ingest/never-closed";
import { logger } from "@/lib/logger";
import { Lru } from "./lru";

/** A process hears at most one line in this time (design §5). */
const QUIET_MS = 60_000;
/** What happened longer ago is no news to a terminal. */
const NEWS_MS = 15 * 60_000;
const ASK_EVERY_MS = 2_000;
/** Without exports for so long there is nobody to tell. */
const IDLE_MS = 30_000;
const LISTED_MAX = 500;
const TOLD_MAX = 20_000;

interface NudgesOptions {
  /** Reads only. */
  db: Db;
  /** Where the pages are, without a slash at the end. */
  webUrl: string;
  clock?: () => number;
  askEveryMs?: number;
}

/** The resources of a request, and our ids of their processes. */
export interface Sender {
  projectId: number;
  services: readonly string[];
  processIds: readonly bigint[];
}

/**
 * What an answer tells the sender beside that its data is stored (design §5, wire.md §12): that spans of its service were left open, by whom,
 * and where to look. Asks the database now and then, beside the answers and never before one; what it does not know yet is not told.
 */
export class Nudges {
  readonly #options: Required<NudgesOptions>;
  /** By project and service, the youngest first. */
  #news = new Map<string, NeverClosed[]>();
  /** Who was told when, and up to which finding (Unix ms). */
  readonly #told = new Lru<bigint, { atMs: number; upToMs: number }>(TOLD_MAX);
  readonly #projects = new Set<number>();
  #exportedMs = 0;
  #isAsking = false;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(options: NudgesOptions) {
    this.#options = { clock: Date.now, askEveryMs: ASK_EVERY_MS, ...options };
    this.#timer = setInterval(() => void this.#ask(), this.#options.askEveryMs);
    this.#timer.unref();
  }

  /** One line of plain ASCII for whoever sent this, or null: nothing is new to it, or it was told something less than a minute ago. */
  take({ projectId, services, processIds }: Sender): string | null {
    const nowMs = this.#options.clock();
    this.#exportedMs = nowMs;
    this.#projects.add(projectId);
    if (this.#news.size === 0) return null;
    for (const [i, service] of services.entries()) {
      const news = this.#news.get(`${projectId} ${service}`);
      const processId = processIds[i];
      if (news === undefined || processId === undefined) continue;
      const told = this.#told.get(processId);
      if (told !== undefined && nowMs - told.atMs < QUIET_MS) continue;
      const fresh = news.filter(({ openedMs }) => openedMs > (told?.upToMs ?? 0));
      const [youngest] = fresh;
      if (youngest === undefined) continue;
      this.#told.set(processId, { atMs: nowMs, upToMs: youngest.openedMs });
      return this.#lineOf(service, fresh);
    }
    return null;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #lineOf(service: string, news: readonly NeverClosed[]): string {
    const spans = news.reduce((sum, one) => sum + one.spans, 0);
    const what = spans === 1 ? "1 span" : `${spans} spans`;
    const [first] = news;
    if (news.length === 1 && first?.traceId) {
      const whose = first.pid === null ? "a process of this service" : `pid ${first.pid}`;
      return `${what} opened by ${whose} never closed, see ${this.#options.webUrl}/traces/${first.traceId}`;
    }
    const query = `kind=abandoned-span&service=${encodeURIComponent(service)}`;
    return `${what} opened by ${news.length} processes never closed, see ${this.#options.webUrl}/findings?${query}`;
  }

  async #ask(): Promise<void> {
    const { db, clock } = this.#options;
    const nowMs = clock();
    if (this.#isAsking || this.#projects.size === 0 || nowMs - this.#exportedMs > IDLE_MS) return;
    this.#isAsking = true;
    try {
      const news = new Map<string, NeverClosed[]>();
      for (const one of await listNeverClosed(db, [...this.#projects], nowMs - NEWS_MS, LISTED_MAX)) {
        const key = `${one.projectId} ${one.service}`;
        const known = news.get(key);
        if (known) known.push(one);
        else news.set(key, [one]);
      }
      this.#news = news;
    } catch (error) {
      // The queue says so when the database is gone; a line that is not told is no harm.
      logger.debug({ err: error }, "what was never closed could not be asked");
    } finally {
      this.#isAsking = false;
    }
  }
}

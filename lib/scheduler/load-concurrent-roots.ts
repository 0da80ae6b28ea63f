import type { Db } from "@/db/client";
import { listRootRecords } from "@/db/queries/scheduler/surroundings";
import type { ConcurrentRoot, TraceEvidence } from "@/lib/diagnosis/check";
import { PHASES, SPAN_KINDS } from "@/lib/otel/span";
import { unixNanoOfInt8 } from "@/lib/otel/time";

/** What may have started work that arrives now began an hour ago at most, and may be heard of some minutes later. */
const BEFORE_MS = 3_600_000;
const AFTER_MS = 600_000;
const ROOTS_MAX = 200;

/** Traces that began and were last heard of within the same second see the same roots around them. */
const SHARED_MS = 1_000;

/**
 * The roots of other traces of the same services that were open while a trace was, as their reports say. Traces that are looked at together
 * came together, most often, and of the same services: what lies around them is read once for all of these.
 */
export class ConcurrentRoots {
  readonly #db: Db;
  readonly #projectId: number;
  readonly #read = new Map<string, Promise<ConcurrentRoot[]>>();

  constructor(db: Db, projectId: number) {
    this.#db = db;
    this.#projectId = projectId;
  }

  async beside({ traceId, spans, firstReceivedMs, lastReceivedMs }: TraceEvidence): Promise<ConcurrentRoot[]> {
    const services = [...new Set(spans.map(({ service }) => service))].sort();
    const [first, last] = [Math.floor(firstReceivedMs / SHARED_MS), Math.floor(lastReceivedMs / SHARED_MS)];
    const key = JSON.stringify([first, last, services]);
    let roots = this.#read.get(key);
    if (!roots) {
      roots = readRoots(this.#db, this.#projectId, services, {
        fromMs: first * SHARED_MS - BEFORE_MS,
        toMs: (last + 1) * SHARED_MS + AFTER_MS,
      });
      this.#read.set(key, roots);
    }
    return (await roots).filter((root) => root.traceId !== traceId);
  }
}

async function readRoots(
  db: Db,
  projectId: number,
  services: readonly string[],
  window: { fromMs: number; toMs: number },
): Promise<ConcurrentRoot[]> {
  const roots = new Map<string, ConcurrentRoot>();
  for (const record of await listRootRecords(db, { projectId, services, ...window, limit: ROOTS_MAX })) {
    const end = PHASES[record.phase] === "end" && record.endNs !== null ? unixNanoOfInt8(record.endNs) : null;
    const known = roots.get(record.traceId);
    if (known) {
      known.hasLinks ||= record.hasLinks;
      // Several ends: forked copies end earlier (wire.md L5).
      if (end !== null && (known.endTimeUnixNano === null || end > known.endTimeUnixNano)) known.endTimeUnixNano = end;
      continue;
    }
    const { traceId, spanId, name, processId, connectionId, hasLinks } = record;
    const kind = SPAN_KINDS[record.kind] ?? "unspecified";
    const startTimeUnixNano = unixNanoOfInt8(record.startNs);
    roots.set(traceId, { traceId, spanId, name, kind, processId, connectionId, startTimeUnixNano, endTimeUnixNano: end, hasLinks });
  }
  return [...roots.values()];
}

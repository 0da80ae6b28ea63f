import type { Db } from "@/db/client";
import { listRootRecords } from "@/db/queries/scheduler/surroundings";
import type { ConcurrentRoot, TraceEvidence } from "@/lib/diagnosis/check";
import { PHASES, SPAN_KINDS } from "@/lib/otel/span";
import { unixNanoOfInt8 } from "@/lib/otel/time";

/** What may have started work that arrives now began an hour ago at most, and may be heard of some minutes later. */
const BEFORE_MS = 3_600_000;
const AFTER_MS = 600_000;
const ROOTS_MAX = 200;

/** The roots of other traces of the same services that were open while this one was, as their reports say. */
export async function loadConcurrentRoots(db: Db, projectId: number, evidence: TraceEvidence): Promise<ConcurrentRoot[]> {
  const services = [...new Set(evidence.spans.map(({ service }) => service))];
  const window = { fromMs: evidence.firstReceivedMs - BEFORE_MS, toMs: evidence.lastReceivedMs + AFTER_MS };
  const roots = new Map<string, ConcurrentRoot>();
  for (const record of await listRootRecords(db, { projectId, services, ...window, limit: ROOTS_MAX })) {
    if (record.traceId === evidence.traceId) continue;
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

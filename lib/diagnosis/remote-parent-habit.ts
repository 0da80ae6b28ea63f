import { HAS_IS_REMOTE, IS_REMOTE } from "@/lib/otel/span";
import type { RemoteParentHabit, TraceEvidence } from "./check";
import { missingParentsOf } from "./missing-parents";

/** What one settled trace adds to the habits of its services (wire.md O3b): of SERVER spans with a remote parent, whose never came. */
export function remoteParentHabits(evidence: TraceEvidence): Map<string, RemoteParentHabit> {
  const habits = new Map<string, RemoteParentHabit>();
  const missing = new Set(missingParentsOf(evidence).flatMap(({ verdict, spanId }) => (verdict === "lost" ? [spanId] : [])));
  const counted = new Set<string>();
  for (const { kind, flags, parentSpanId, service } of evidence.spans) {
    const isLocal = (flags & HAS_IS_REMOTE) !== 0 && (flags & IS_REMOTE) === 0;
    if (kind !== "server" || parentSpanId === null || isLocal) continue;
    const habit = habits.get(service) ?? { remoteParents: 0, neverReceived: 0, distinctMissing: 0 };
    habits.set(service, habit);
    habit.remoteParents++;
    if (!missing.has(parentSpanId)) continue;
    habit.neverReceived++;
    // The same missing parent twice is one caller, not a habit.
    if (counted.has(parentSpanId)) continue;
    counted.add(parentSpanId);
    habit.distinctMissing++;
  }
  return habits;
}

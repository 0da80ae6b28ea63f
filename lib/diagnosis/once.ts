import type { TraceEvidence } from "./check";

/** `work`, done once for each evidence: several checks ask for the same thing. */
export function once<T>(work: (evidence: TraceEvidence) => T): (evidence: TraceEvidence) => T {
  const done = new WeakMap<TraceEvidence, { result: T }>();
  return (evidence) => {
    const known = done.get(evidence);
    if (known) return known.result;
    const result = work(evidence);
    done.set(evidence, { result });
    return result;
  };
}

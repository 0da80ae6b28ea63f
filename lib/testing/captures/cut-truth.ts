import type { Span } from "@/lib/otel/span";
import type { Capture, TruthLine } from "./capture";
import type { ReplayedFinding } from "./replay-capture";

/**
 * What is untrue among the loud findings of a recording that was cut off at `cutMs` (Unix ms), a line each, by the programs' own account:
 * all of them were killed at that moment, so what was open then, or had ended and was still unsent, is lost, and nothing else.
 *
 * @param received the spans of the whole recording, with their records: what had come by the cut is seen from them.
 */
export function liesOfCut(capture: Capture, cutMs: number, findings: readonly ReplayedFinding[], received: readonly Span[]): string[] {
  const known = new Known(capture, cutMs, received);
  return findings
    .filter(({ severity }) => severity !== "info")
    .flatMap((finding) => {
      const lie = finding.state === "open" ? lieOf(finding, known) : "withdrawn later";
      return lie === null ? [] : [`${finding.kind} ${finding.missingSpanId ?? finding.spanIds[0]}: ${lie}`];
    });
}

function lieOf({ kind, traceId, spanIds, missingSpanId }: ReplayedFinding, known: Known): string | null {
  const spanId = missingSpanId ?? spanIds[0] ?? "";
  switch (kind) {
    case "abandoned-span":
      if (!known.hasBegun(spanId)) return "it never began";
      return known.hasEndCome(spanId) ? "its end had come" : null;
    case "orphaned-span":
      if (!known.hasBegun(spanId)) return "its parent never began";
      return known.hasCome(spanId) ? "its parent had come" : null;
    case "rootless-trace":
      return known.rootsOf(traceId).some((root) => !known.hasCome(root)) ? null : "no root was missing";
    default:
      return "nothing of the kind happened";
  }
}

/** What had happened, and what had come, by the cut. */
class Known {
  readonly #cutMs: number;
  readonly #starts: readonly TruthLine[];
  readonly #reports = new Map<string, { firstMs: number; endMs: number }>();

  constructor(capture: Capture, cutMs: number, received: readonly Span[]) {
    this.#cutMs = cutMs;
    this.#starts = capture.truth.filter(({ event }) => event === "span-start");
    for (const { spanId, records } of received) {
      const ends = records.filter(({ phase }) => phase === "end");
      const [firstMs, endMs] = [records, ends].map((those) => Math.min(...those.map(({ receivedMs }) => receivedMs))) as [number, number];
      this.#reports.set(spanId, { firstMs, endMs });
    }
  }

  hasBegun(spanId: string): boolean {
    return this.#starts.some(({ span, t }) => span === spanId && t * 1000 <= this.#cutMs);
  }

  hasCome(spanId: string): boolean {
    return (this.#reports.get(spanId)?.firstMs ?? Number.POSITIVE_INFINITY) <= this.#cutMs;
  }

  hasEndCome(spanId: string): boolean {
    return (this.#reports.get(spanId)?.endMs ?? Number.POSITIVE_INFINITY) <= this.#cutMs;
  }

  rootsOf(traceId: string | null): string[] {
    return this.#starts.flatMap(({ span, trace, parent }) => (span && trace === traceId && parent === null ? [span] : []));
  }
}

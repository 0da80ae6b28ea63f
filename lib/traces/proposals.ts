import type { FindingRow } from "@/db/queries/finding-lists";
import type { SpanJson } from "@/lib/api/contract/traces";
import { CERTAINTIES, type Certainty, type ProposedParent } from "@/lib/diagnosis/finding";
import type { SpanId } from "@/lib/otel/ids";

export type Proposals = ReadonlyMap<SpanId, NonNullable<SpanJson["proposedParent"]>>;

/** By span: the parent that a trace's findings propose for it. Where several do, the surest of them, and of these the first that was told. */
export function proposalsOf(findings: readonly Pick<FindingRow, "id" | "certainty" | "proposedParents">[]): Proposals {
  const proposals = new Map<SpanId, NonNullable<SpanJson["proposedParent"]>>();
  const surest = (a: { certainty: string }, b: { certainty: string }) => rankOf(a.certainty) - rankOf(b.certainty);
  for (const { id: findingId, certainty, proposedParents } of [...findings].sort(surest)) {
    for (const { spanId, traceId, parentSpanId } of (proposedParents as ProposedParent[] | null) ?? []) {
      if (!proposals.has(spanId)) proposals.set(spanId, { traceId, parentSpanId, findingId, certainty: certainty as Certainty });
    }
  }
  return proposals;
}

const rankOf = (certainty: string): number => CERTAINTIES.indexOf(certainty as Certainty);

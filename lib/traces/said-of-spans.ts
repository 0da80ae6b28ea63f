import type { FindingRow } from "@/db/queries/finding-lists";
import type { Kind } from "@/lib/diagnosis/finding";
import type { SpanId } from "@/lib/otel/ids";
import { type Proposals, proposalsOf } from "./proposals";

/** What a trace's findings that stand say of single spans. A muted finding is not shown as a fault; it is true all the same. */
export interface SaidOfSpans {
  proposals: Proposals;
  /** Ended by an exit handler and not by their code: the span state `closed-at-exit`. */
  closedAtExit: ReadonlySet<SpanId>;
}

const CLOSED_AT_EXIT: Kind = "closed-at-exit";

export const saidOfSpans = (
  findings: readonly Pick<FindingRow, "id" | "certainty" | "proposedParents" | "kind" | "spanIds">[],
): SaidOfSpans => ({
  proposals: proposalsOf(findings),
  closedAtExit: new Set(findings.flatMap(({ kind, spanIds }) => (kind === CLOSED_AT_EXIT ? spanIds : []))),
});

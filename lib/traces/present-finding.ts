import type { FindingRow } from "@/db/queries/finding-lists";
import type { FindingJson } from "@/lib/api/contract/findings";
import { sayAdvice } from "@/lib/diagnosis/advice";
import {
  type Advice,
  type Evidence,
  familyOf,
  type Kind,
  type ProposedParent,
  type RankedCause,
  type Sentence,
  type Verdict,
} from "@/lib/diagnosis/finding";
import { say, sayCause } from "@/lib/diagnosis/words";
import type { Language } from "@/lib/diagnosis/words/language";
import { momentOf, momentOrNull } from "./moment";

/** A stored finding in the reader's language. `process` is what is known of the process that it is about, or null. */
export function presentFinding(row: FindingRow, language: Language, process: FindingJson["process"]): FindingJson {
  const causes = row.causes as RankedCause[];
  const closedBecause = row.closedBecause as Sentence | null;
  return {
    id: row.id,
    kind: row.kind as Kind,
    family: familyOf(row.kind as Kind),
    severity: row.severity as FindingJson["severity"],
    certainty: row.certainty as FindingJson["certainty"],
    state: row.state as FindingJson["state"],
    service: row.service,
    spanName: row.spanName,
    traceId: row.traceId,
    spanIds: row.spanIds,
    missingSpanId: row.missingSpanId,
    proposedParents: (row.proposedParents as ProposedParent[] | null) ?? [],
    process,
    title: say(row.title as Sentence, language),
    count: row.count,
    cause: causes[0]?.id ?? null,
    causes: causes.map(({ id, certainty, because }) => ({ id, name: sayCause(id, language), certainty, because: say(because, language) })),
    evidence: (row.evidence as Evidence[]).map(({ sentence, ref }) => ({ text: say(sentence, language), ref })),
    advice: (row.advice as Advice[]).map((advice) => sayAdvice(advice, language)),
    retractedBy: say(row.retractedBy as Sentence, language),
    closedBecause: closedBecause === null ? null : say(closedBecause, language),
    groupId: row.groupId,
    incidentId: row.incidentId,
    feedback: feedbackOf(row),
    openedAt: momentOf(row.openedMs),
    lastEvidenceAt: momentOf(row.lastEvidenceMs),
    closedAt: momentOrNull(row.closedMs),
  };
}

function feedbackOf({ feedback, openedMs, mutedByGroup }: FindingRow): FindingJson["feedback"] {
  if (feedback === null) return null;
  const { verdict, atMs } = feedback as { verdict: Verdict; atMs: number };
  return { verdict, at: momentOf(atMs), cameBack: verdict === "fixed" && openedMs > atMs && !mutedByGroup };
}

import type { Closing } from "./closing";
import { earliest } from "./earliest";
import type { FindingDraft } from "./finding";
import { sentence } from "./sentences";
import type { SourceEvidence } from "./source-check";
import { SOURCE_CHECKS } from "./source-checks";

export interface SourceDiagnosis {
  findings: FindingDraft[];
  lookAgainAtMs: number | null;
}

/** Runs every source check over a project's senders as they are known now. */
export function diagnoseSources(evidence: SourceEvidence): SourceDiagnosis {
  const results = SOURCE_CHECKS.map((check) => check.find(evidence));
  return {
    findings: results.flatMap(({ findings }) => findings),
    lookAgainAtMs: earliest(results.map(({ lookAgainAtMs }) => lookAgainAtMs)),
  };
}

/**
 * Why a finding about senders that stood is not seen any more, or null where it is left as it is: what it rests on has grown older than the
 * evidence reaches, and that speaks neither for nor against it.
 */
export function sourceClosingOf({ lastEvidenceMs }: { lastEvidenceMs: number }, { sinceMs }: SourceEvidence): Closing | null {
  return lastEvidenceMs < sinceMs ? null : { state: "retracted", because: sentence("closed.no-longer-seen") };
}

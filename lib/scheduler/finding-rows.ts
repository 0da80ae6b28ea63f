import { createHash } from "node:crypto";
import type { FindingWrite } from "@/db/queries/scheduler/findings";
import { type FindingDraft, familyOf } from "@/lib/diagnosis/finding";
import { endedProcessOf } from "@/lib/diagnosis/incident";

/** A draft as a row. Ids are hashes of what is found, so that the same thing seen again, or after a restart, is the same row. */
export function findingRow(draft: FindingDraft, projectId: number): FindingWrite {
  const { kind, traceId, subject, service, spanName } = draft;
  const cause = draft.causes[0]?.id ?? null;
  const endedProcess = endedProcessOf(draft);
  return {
    id: hashOf(`${projectId}/${kind}/${traceId ?? ""}/${subject}`),
    groupId: hashOf(`${projectId}/${kind}/${service}/${spanName}/${cause ?? ""}`),
    incidentId: endedProcess === null ? null : hashOf(`${projectId}/${endedProcess}`),
    projectId,
    kind,
    family: familyOf(kind),
    severity: draft.severity,
    certainty: draft.certainty,
    subject,
    service,
    spanName,
    traceId,
    spanIds: draft.spanIds,
    missingSpanId: draft.missingSpanId,
    processId: draft.processId,
    title: draft.title,
    count: draft.count,
    cause,
    causes: draft.causes,
    evidence: draft.evidence,
    advice: draft.advice,
    retractedBy: draft.retractedBy,
    proposedParents: draft.proposedParents?.length ? draft.proposedParents : null,
    lastEvidenceMs: Math.round(draft.lastEvidenceMs),
  };
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 24);

import type { FindingDraft, RankedCause } from "../finding";
import type { ProcessEvidence } from "../process-evidence";
import { evidenceOf, processLabel, processRef, sentence, sourceAdvice } from "../sentences";
import type { Reject, SourceCheck, SourceEvidence } from "../source-check";

/**
 * What this server refused for good, and what it says of the sender: these are the answers that no SDK sends again (wire.md §8.1). Mixed
 * requests are `interleaved-requests`; what passes by (overload, a stop) is not refused for good.
 */
const LOST: ReadonlyMap<string, "corrupt-data" | "pipeline-loss"> = new Map([
  ["malformed", "corrupt-data"],
  ["records", "corrupt-data"],
  ["refused-by-database", "corrupt-data"],
  ["too-large", "pipeline-loss"],
  ["content-encoding", "pipeline-loss"],
  ["content-type", "pipeline-loss"],
]);
const DETAILS_SHOWN = 3;

/**
 * W14, as far as this server knows it of itself: it refused requests, or records in them, of a sender that it otherwise takes.
 *
 *   demo-shop   POST 200   POST 200   POST 413 too large   POST 200        what the third one carried is lost
 */
export const pipelineLoss: SourceCheck = {
  kind: "pipeline-loss",
  find: (evidence) => {
    const byService = new Map<string, { owner: ProcessEvidence; rejects: Reject[] }>();
    for (const reject of evidence.rejects) {
      if (!LOST.has(reject.reason)) continue;
      const owner = ownerOf(evidence, reject);
      if (owner === null) continue;
      const key = JSON.stringify([owner.service, reject.reason]);
      const known = byService.get(key);
      if (known) known.rejects.push(reject);
      else byService.set(key, { owner, rejects: [reject] });
    }
    return { findings: [...byService.values()].map(({ owner, rejects }) => lossFinding(owner, rejects)), lookAgainAtMs: null };
  },
};

const ownerOf = ({ senders }: SourceEvidence, { processIds }: Reject): ProcessEvidence | null =>
  senders.find(({ process }) => processIds.includes(process.processId))?.process ?? null;

function lossFinding(owner: ProcessEvidence, rejects: readonly Reject[]): FindingDraft {
  const [first] = rejects as [Reject];
  const args = { count: rejects.length, service: owner.service, reason: first.reason };
  const id = LOST.get(first.reason) ?? "pipeline-loss";
  const lastMs = Math.max(...rejects.map(({ atMs }) => atMs));
  const refused: RankedCause = { id: "pipeline-loss", certainty: "proved", because: sentence("because.refused-here", args) };
  const corrupt: RankedCause = { id: "corrupt-data", certainty: "proved", because: sentence("because.corrupt-request", args) };
  const details = [...new Map(rejects.map((reject) => [reject.detail, reject])).values()];
  return {
    kind: "pipeline-loss",
    severity: "error",
    certainty: "proved",
    subject: `${owner.service} ${first.reason}`,
    service: owner.service,
    traceId: null,
    spanIds: [],
    missingSpanId: null,
    processId: owner.processId,
    spanName: "",
    title: sentence(first.reason === "records" ? "pipeline-loss.records-title" : "pipeline-loss.title", args),
    count: rejects.length,
    causes: id === "corrupt-data" ? [corrupt, refused] : [refused],
    evidence: [
      evidenceOf("evidence.refused", { count: rejects.length, at: lastMs, process: processLabel(owner) }, processRef(owner)),
      ...details
        .slice(0, DETAILS_SHOWN)
        .map(({ detail, status, connectionId }) =>
          evidenceOf("evidence.refused-because", { status, detail }, { type: "connection", id: connectionId }),
        ),
    ],
    advice: sourceAdvice(["A14"], owner),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: lastMs,
  };
}

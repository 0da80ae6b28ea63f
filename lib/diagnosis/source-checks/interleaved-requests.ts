import type { FindingDraft } from "../finding";
import type { ProcessEvidence } from "../process-evidence";
import { evidenceOf, processLabel, processRef, sentence, sourceAdvice } from "../sentences";
import type { Reject, SourceCheck, SourceEvidence } from "../source-check";

const PROCESSES_SHOWN = 8;

/**
 * W8: the bytes of one request lie inside another: two processes wrote into one socket at the same moment, as forked children do that
 * inherited their parent's exporter. Ingest has looked at the bytes; who had used the connection before tells whose it was.
 *
 *   connection 2   POST /v1/traces … gzip … POST /v1/traces HTTP/1.1 … gzip      main and a child, at once
 */
export const interleavedRequests: SourceCheck = {
  kind: "interleaved-requests",
  find: (evidence) => {
    const byConnection = new Map<string, Reject[]>();
    for (const reject of evidence.rejects) {
      if (reject.reason !== "interleaved-requests") continue;
      const known = byConnection.get(reject.connectionId);
      if (known) known.push(reject);
      else byConnection.set(reject.connectionId, [reject]);
    }
    return { findings: [...byConnection.values()].flatMap((rejects) => interleavedFinding(evidence, rejects)), lookAgainAtMs: null };
  },
};

function interleavedFinding({ senders }: SourceEvidence, rejects: readonly Reject[]): FindingDraft[] {
  const [first] = rejects as [Reject];
  const processes = first.processIds.flatMap((id) => senders.find(({ process }) => process.processId === id)?.process ?? []);
  const owner = processes.reduce<ProcessEvidence | null>(
    (oldest, process) => (oldest === null || process.firstReceivedMs < oldest.firstReceivedMs ? process : oldest),
    null,
  );
  if (owner === null) return [];
  const args = { count: rejects.length, process: processLabel(owner), service: owner.service };
  // Whatever stands between may have mixed them.
  const certainty = rejects.every(({ direct }) => direct) ? "proved" : "likely";
  const lastMs = Math.max(...rejects.map(({ atMs }) => atMs));
  return [
    {
      kind: "interleaved-requests",
      severity: "error",
      certainty,
      subject: first.connectionId,
      service: owner.service,
      traceId: null,
      spanIds: [],
      missingSpanId: null,
      processId: owner.processId,
      spanName: "",
      title: sentence("interleaved-requests.title", args),
      count: rejects.length,
      causes: [{ id: "shared-connection", certainty, because: sentence("because.interleaved", args) }],
      evidence: [
        evidenceOf("evidence.interleaved", { count: rejects.length, at: lastMs }, { type: "connection", id: first.connectionId }),
        ...processes
          .slice(0, PROCESSES_SHOWN)
          .map((process) => evidenceOf("evidence.wrote-there", { process: processLabel(process) }, processRef(process))),
      ],
      advice: sourceAdvice(["A5", "A15"], owner),
      retractedBy: sentence("retracted-by.nothing"),
      lastEvidenceMs: lastMs,
    },
  ];
}

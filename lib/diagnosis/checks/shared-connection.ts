import type { Check, TraceEvidence } from "../check";
import type { FindingDraft } from "../finding";
import { once } from "../once";
import { ownersOf } from "../owners";
import type { ConnectionEvidence, ProcessEvidence } from "../process-evidence";
import { adviceFor, evidenceOf, processLabel, processRef, sentence } from "../sentences";

/**
 * W9: several processes write into one connection: the exporter was connected before the program forked. A risk, not yet a loss: when two
 * write at once, one request lies inside the other.
 *
 *   ●──●─────●──●──●───┤     connection 2: main, worker 3, main, worker 3 …
 *
 * A child that sends only ends of its parent's spans has closed its copies of them (`false-close`); that is another thing.
 */
export const sharedConnection: Check = {
  kind: "shared-connection",
  find: (evidence) => ({
    findings: [...sharedConnections(evidence)].map(([connectionId, processes]) => sharedFinding(evidence, connectionId, [...processes])),
    lookAgainAtMs: null,
  }),
};

/** Direct connections on which several processes, told apart by their pids, sent more than ends. */
export const sharedConnections = once((evidence): ReadonlyMap<string, ReadonlySet<ProcessEvidence>> => {
  const owners = ownersOf(evidence);
  const senders = new Map<string, Set<ProcessEvidence>>();
  const add = (connectionId: string, process: ProcessEvidence | null) => {
    if (process?.pid == null) return;
    const those = senders.get(connectionId);
    if (those) those.add(process);
    else senders.set(connectionId, new Set([process]));
  };
  for (const [node, { records }] of evidence.spans.entries()) {
    for (const { phase, connectionId } of records) if (phase !== "end") add(connectionId, owners.ofNode(node));
  }
  const shared = new Map<string, Set<ProcessEvidence>>();
  for (const [connectionId, processes] of senders) {
    const isDirect = [...processes].every((process) => connectionOf(process, connectionId)?.direct !== false);
    if (new Set([...processes].map(({ pid }) => pid)).size > 1 && isDirect) shared.set(connectionId, processes);
  }
  return shared;
});

const connectionOf = ({ connections }: ProcessEvidence, connectionId: string): ConnectionEvidence | undefined =>
  connections.find((one) => one.connectionId === connectionId);

function sharedFinding(evidence: TraceEvidence, connectionId: string, processes: ProcessEvidence[]): FindingDraft {
  const [first] = processes.sort((a, b) => a.firstReceivedMs - b.firstReceivedMs) as [ProcessEvidence];
  return {
    kind: "shared-connection",
    severity: "warning",
    certainty: "proved",
    subject: connectionId,
    service: first.service,
    traceId: null,
    spanIds: [],
    missingSpanId: null,
    processId: first.processId,
    spanName: "",
    title: sentence("shared-connection.title", { count: processes.length, process: processLabel(first), service: first.service }),
    count: processes.length,
    causes: [
      { id: "shared-connection", certainty: "proved", because: sentence("because.shared-connection", { process: processLabel(first) }) },
    ],
    evidence: [
      evidenceOf("evidence.shared-connection", { count: processes.length }, { type: "connection", id: connectionId }),
      ...processes
        .slice(0, 8)
        .map((process) => evidenceOf("evidence.wrote-there", { process: processLabel(process) }, processRef(process))),
    ],
    advice: adviceFor(evidence, ["A5", "A15"], null, first),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

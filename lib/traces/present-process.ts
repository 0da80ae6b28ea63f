import type { FindingJson } from "@/lib/api/contract/findings";
import type { ProcessJson } from "@/lib/api/contract/traces";
import type { ProcessEvidence } from "@/lib/diagnosis/process-evidence";
import { processSentence, processStateOf } from "@/lib/diagnosis/process-state";
import type { DiagnosisSettings } from "@/lib/diagnosis/settings";
import { say } from "@/lib/diagnosis/words";
import type { Language } from "@/lib/diagnosis/words/language";
import { momentOf, momentOrNull } from "./moment";

export interface Now {
  nowMs: number;
  settings: DiagnosisSettings;
}

/** A process with what is known of it now, said in the reader's language. */
export function presentProcess(evidence: ProcessEvidence, { nowMs, settings }: Now, openSpans: number, language: Language): ProcessJson {
  const state = processStateOf(evidence, nowMs, settings);
  return {
    id: evidence.processId,
    service: evidence.service,
    pid: evidence.pid,
    serviceInstanceId: evidence.serviceInstanceId,
    host: evidence.host,
    sdk: [evidence.sdkName, evidence.sdkLanguage, evidence.sdkVersion].filter(Boolean).join(" ") || evidence.userAgent,
    state: state.state,
    certainty: state.certainty,
    because: say(processSentence(state), language),
    endedAt: momentOrNull(state.endedMs),
    firstReceivedAt: momentOf(evidence.firstReceivedMs),
    lastReceivedAt: momentOf(evidence.lastReceivedMs),
    openSpans,
    connections: evidence.connections.map((connection) => ({
      id: connection.connectionId,
      protocol: connection.protocol,
      peer: connection.peer,
      openedAt: momentOf(connection.openedMs),
      closedAt: momentOrNull(connection.closedMs),
      closedBy: connection.closedBy,
      direct: connection.direct,
      requests: connection.requests,
    })),
  };
}

/** The short form that stands in a finding: which process, on which connection it was heard last. */
export function presentFindingProcess(evidence: ProcessEvidence, { nowMs, settings }: Now): FindingJson["process"] {
  const last = evidence.connections.toSorted((a, b) => b.lastReceivedMs - a.lastReceivedMs)[0];
  return {
    id: evidence.processId,
    pid: evidence.pid,
    serviceInstanceId: evidence.serviceInstanceId,
    host: evidence.host,
    connectionId: last?.connectionId ?? null,
    state: processStateOf(evidence, nowMs, settings).state,
  };
}

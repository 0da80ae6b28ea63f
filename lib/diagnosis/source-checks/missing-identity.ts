import { evidenceOf, processRef, sentence, sourceAdvice } from "../sentences";
import type { Sender, SourceCheck } from "../source-check";

const SHOWN_MAX = 5;

/**
 * I2: processes that say neither which instance nor which pid they are. Only their connections tell them apart, so much that depends on the
 * process (abandoned, silent and truncated workers, forks) is less sure of them, and behind a proxy they are one.
 *
 *   service.name = shop, telemetry.sdk.language = python          no service.instance.id, no process.pid
 */
export const missingIdentity: SourceCheck = {
  kind: "missing-identity",
  find: ({ senders }) => {
    const byService = new Map<string, Sender[]>();
    for (const sender of senders) {
      const { service, pid, serviceInstanceId } = sender.process;
      if (pid === null && serviceInstanceId === null) byService.set(service, [...(byService.get(service) ?? []), sender]);
    }
    return { findings: [...byService].map(([service, own]) => namelessFinding(service, own)), lookAgainAtMs: null };
  },
};

function namelessFinding(service: string, senders: readonly Sender[]) {
  const [first] = senders as [Sender];
  const args = { service: service || "unknown_service", count: senders.length };
  return {
    kind: "missing-identity" as const,
    severity: "info" as const,
    certainty: "proved" as const,
    subject: service,
    service: args.service,
    traceId: null,
    spanIds: [],
    missingSpanId: null,
    processId: first.process.processId,
    spanName: "",
    title: sentence("missing-identity.title", args),
    count: senders.length,
    causes: [{ id: "sdk-not-configured" as const, certainty: "proved" as const, because: sentence("because.no-identity", args) }],
    evidence: senders
      .slice(0, SHOWN_MAX)
      .map(({ process }) => evidenceOf("evidence.nameless-since", { at: process.firstReceivedMs }, processRef(process))),
    advice: sourceAdvice(["A41"], first.process),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: Math.max(...senders.map(({ process }) => process.lastReceivedMs)),
  };
}

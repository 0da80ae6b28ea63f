import { evidenceOf, processLabel, processRef, sentence, sourceAdvice } from "../sentences";
import type { Sender, SourceCheck } from "../source-check";

const SHOWN_MAX = 5;

/**
 * I1: processes that send under no name of their own. SDKs fill in `unknown_service`, so programs that have nothing to do with each other
 * look like one.
 *
 *   service.name = unknown_service:python     a nightly job, a web server, somebody's notebook …
 */
export const unnamedService: SourceCheck = {
  kind: "unnamed-service",
  find: ({ senders }) => {
    const byService = new Map<string, Sender[]>();
    for (const sender of senders) {
      const { service } = sender.process;
      // OpenTelemetry specification, Resource SDK: `unknown_service`, with the program's name behind a colon where it is known.
      if (service !== "" && !/^unknown_service(:|$)/.test(service)) continue;
      const name = service || "unknown_service";
      byService.set(name, [...(byService.get(name) ?? []), sender]);
    }
    return { findings: [...byService].map(([service, own]) => unnamedFinding(service, own)), lookAgainAtMs: null };
  },
};

function unnamedFinding(service: string, senders: readonly Sender[]) {
  const [first] = senders as [Sender];
  const args = { service, count: senders.length };
  return {
    kind: "unnamed-service" as const,
    severity: "info" as const,
    certainty: "proved" as const,
    subject: service,
    service,
    traceId: null,
    spanIds: [],
    missingSpanId: null,
    processId: first.process.processId,
    spanName: "",
    title: sentence("unnamed-service.title", args),
    count: senders.length,
    causes: [{ id: "sdk-not-configured" as const, certainty: "proved" as const, because: sentence("because.no-service-name", args) }],
    evidence: senders
      .slice(0, SHOWN_MAX)
      .map(({ process }) => evidenceOf("evidence.sends-as", { process: processLabel(process), service }, processRef(process))),
    advice: sourceAdvice(["A40"], first.process),
    retractedBy: sentence("retracted-by.nothing"),
    lastEvidenceMs: Math.max(...senders.map(({ process }) => process.lastReceivedMs)),
  };
}

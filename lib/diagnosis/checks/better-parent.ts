import { msOf } from "@/lib/otel/time";
import { type BetterParent, betterParentsOf } from "../better-parents";
import type { Check, TraceEvidence } from "../check";
import { templateOf } from "../evidence-index";
import type { FindingDraft } from "../finding";
import { processOfSpan } from "../late-children";
import { adviceFor, evidenceOf, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";
import { settledAtMs, waiting } from "../settling";

/** P15: see lib/diagnosis/better-parents. The tree is valid as it is, so this is a hint and no more: info, possible. */
export const betterParent: Check = {
  kind: "better-parent",
  find: (evidence) => {
    const better = betterParentsOf(evidence);
    if (better.length === 0) return { findings: [], lookAgainAtMs: null };
    // What the call really reached may still come.
    const settledMs = settledAtMs(evidence);
    if (evidence.nowMs < settledMs) return waiting(settledMs);
    const alike = new Map<string, BetterParent[]>();
    for (const one of better) {
      const key = `${one.server.service} ${templateOf(one.caller.name)} > ${templateOf(one.server.name)}`;
      const those = alike.get(key);
      if (those) those.push(one);
      else alike.set(key, [one]);
    }
    return { findings: [...alike].map(([key, those]) => betterFinding(evidence, key, those)), lookAgainAtMs: null };
  },
};

function betterFinding(evidence: TraceEvidence, subject: string, better: BetterParent[]): FindingDraft {
  const [{ server, parent, caller }] = better as [BetterParent];
  const args = { server: server.name, parent: parent.name, caller: caller.name, others: better.length > 1 ? better.length - 1 : "" };
  const told = better.slice(0, SPAN_IDS_MAX);
  return {
    kind: "better-parent",
    severity: "info",
    certainty: "possible",
    subject,
    service: server.service,
    traceId: evidence.traceId,
    spanIds: told.map((one) => one.server.spanId),
    missingSpanId: null,
    proposedParents: told.map((one) => ({ spanId: one.server.spanId, traceId: evidence.traceId, parentSpanId: one.caller.spanId })),
    processId: server.processId,
    spanName: server.name,
    title: sentence("better-parent.title", args),
    count: better.length,
    causes: [{ id: "wrong-active-span", certainty: "possible", because: sentence("because.wrong-active-span", args) }],
    evidence: [
      evidenceOf("evidence.call-around-childless", { span: caller.name, at: msOf(caller.startTimeUnixNano) }, spanRef(caller)),
      evidenceOf(
        "evidence.names-parent",
        { span: server.name, at: msOf(server.startTimeUnixNano), parent: parent.spanId },
        spanRef(server),
      ),
    ],
    advice: adviceFor(evidence, ["A19"], caller, processOfSpan(evidence, caller)),
    retractedBy: sentence("retracted-by.call-gets-child"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

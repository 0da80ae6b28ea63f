import type { Span } from "@/lib/otel/span";
import { isSaneTime, msBetween } from "@/lib/otel/time";
import type { Check, TraceEvidence } from "../check";
import type { FindingDraft } from "../finding";
import { ownersOf } from "../owners";
import type { ProcessEvidence } from "../process-evidence";
import { adviceFor, evidenceOf, SPAN_IDS_MAX, sentence, spanRef } from "../sentences";

/**
 * T1: a call that was served before it was made, or after it was over: the clocks of the two hosts differ.
 *
 *   GET /rate           |-----|     @shop-1    client
 *     GET /rate   |---|             @rates-2   server     4 s behind
 *
 * The finding is about the two hosts and belongs to no trace. Received times are never changed.
 */
export const clockSkew: Check = {
  kind: "clock-skew",
  find: (evidence) => ({ findings: [...skews(evidence).values()].map((skew) => skewFinding(evidence, skew)), lookAgainAtMs: null }),
};

interface Skew {
  client: ProcessEvidence;
  server: ProcessEvidence;
  /** By how much the server's clock is ahead (+) or behind (−), ms, as near as the first call tells. */
  offsetMs: number;
  calls: { client: Span; server: Span }[];
}

/** Smaller offsets are what a network and NTP leave. */
const SKEW_MIN_MS = 100;

function skews(evidence: TraceEvidence): Map<string, Skew> {
  const { spans, tree } = evidence;
  const owners = ownersOf(evidence);
  const found = new Map<string, Skew>();
  // In reading order, so that the first call is the same however the records came.
  for (const node of tree.order) {
    const server = spans[node];
    if (server?.kind !== "server") continue;
    const parentNode = tree.parent[node] as number;
    const client = spans[parentNode];
    if (client?.kind !== "client") continue;
    const [from, to] = [owners.ofNode(parentNode), owners.ofNode(node)];
    if (from === null || to === null || from.host === null || to.host === null || from.host === to.host) continue;
    const offsetMs = offsetOf(client, server);
    if (offsetMs === null) continue;
    const key = `${from.host}→${to.host}`;
    const known = found.get(key);
    if (known) known.calls.push({ client, server });
    else found.set(key, { client: from, server: to, offsetMs, calls: [{ client, server }] });
  }
  return found;
}

/** The server's clock against the client's, from the middles of one call; null where both may be right. */
function offsetOf(client: Span, server: Span): number | null {
  const [from, to] = [client.endTimeUnixNano, server.endTimeUnixNano];
  if (from === null || to === null || ![client.startTimeUnixNano, server.startTimeUnixNano, from, to].every(isSaneTime)) return null;
  const servedMs = msBetween(server.startTimeUnixNano, to);
  const calledMs = msBetween(client.startTimeUnixNano, from);
  const earlyMs = msBetween(server.startTimeUnixNano, client.startTimeUnixNano);
  const lateMs = msBetween(from, server.startTimeUnixNano);
  // A server may go on after it has answered; it cannot begin before the call, nor after it is over.
  if (earlyMs < SKEW_MIN_MS && lateMs < SKEW_MIN_MS) return null;
  if (servedMs > calledMs + SKEW_MIN_MS) return null;
  return msBetween(client.startTimeUnixNano, server.startTimeUnixNano) - (calledMs - servedMs) / 2;
}

function skewFinding(evidence: TraceEvidence, { client, server, offsetMs, calls }: Skew): FindingDraft {
  const [call] = calls as [Skew["calls"][number]];
  const args = { from: client.host ?? "", to: server.host ?? "", duration: Math.abs(offsetMs) };
  return {
    kind: "clock-skew",
    severity: "warning",
    certainty: "likely",
    subject: `${client.host}→${server.host}`,
    service: call.server.service,
    traceId: null,
    spanIds: calls.slice(0, SPAN_IDS_MAX).map(({ server: { spanId } }) => spanId),
    missingSpanId: null,
    processId: server.processId,
    spanName: "",
    title: sentence(offsetMs < 0 ? "clock-skew.behind-title" : "clock-skew.ahead-title", args),
    count: calls.length,
    causes: [{ id: "clock", certainty: "likely", because: sentence("because.clocks-differ", args) }],
    evidence: [
      evidenceOf(
        "evidence.served-apart",
        { caller: call.client.name, server: call.server.name, duration: Math.abs(offsetMs) },
        spanRef(call.server),
      ),
      evidenceOf("evidence.in-trace", {}, { type: "trace", id: evidence.traceId }),
    ],
    advice: adviceFor(evidence, ["A20"], call.server, server),
    retractedBy: sentence("retracted-by.clocks-agree"),
    lastEvidenceMs: evidence.lastReceivedMs,
  };
}

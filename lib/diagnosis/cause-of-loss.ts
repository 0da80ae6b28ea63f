import { causesOfDeath } from "./cause-of-death";
import type { TraceEvidence } from "./check";
import { indexOf } from "./evidence-index";
import { isExternal } from "./external-callers";
import type { RankedCause } from "./finding";
import type { MissingParent } from "./missing-parents";
import { leftByExitHandler, leftInOrder } from "./orderly-exit";
import type { ProcessEvidence } from "./process-evidence";
import { processLabel, sentence } from "./sentences";

/** Why a missing parent never came, best supported first. */
export function causesOfLoss(evidence: TraceEvidence, missing: MissingParent): RankedCause[] {
  const { owner, reason, location } = missing;
  if (reason === "start-lost") return startLost(evidence, missing);
  if (reason === "process-ended" && owner !== null) return ownerEnded(evidence, missing, owner);
  if (location === "remote") return outside(evidence, missing);
  return [
    { id: "never-ended", certainty: "possible", because: sentence("because.overdue", { at: missing.lastReceivedMs }) },
    { id: "filtered", certainty: "possible", because: sentence("because.filtered") },
    { id: "batch-lost", certainty: "possible", because: sentence("because.batch-lost") },
  ];
}

/** wire.md O2 with an SDK that announces starts, R-PEND: what was announced and did not come was lost on the way, not left open. */
function startLost(evidence: TraceEvidence, { owner }: MissingParent): RankedCause[] {
  const process = processLabel(owner);
  const lost: RankedCause = { id: "batch-lost", certainty: "likely", because: sentence("because.start-lost", { process }) };
  const filtered: RankedCause = { id: "filtered", certainty: "possible", because: sentence("because.filtered") };
  if (owner !== null && indexOf(evidence).stateOf(owner).state === "ended") {
    const died: RankedCause = {
      id: "process-died",
      certainty: "possible",
      because: sentence("because.process-died", { process, at: owner.lastReceivedMs }),
    };
    return [lost, died, filtered];
  }
  return [lost, filtered];
}

function ownerEnded(evidence: TraceEvidence, missing: MissingParent, owner: ProcessEvidence): RankedCause[] {
  const endedMs = indexOf(evidence).stateOf(owner).endedMs ?? owner.lastReceivedMs;
  const args = { process: processLabel(owner), at: endedMs, duration: Math.max(0, endedMs - owner.lastReceivedMs) };
  const neverEnded: RankedCause = { id: "never-ended", certainty: "likely", because: sentence("because.left-in-order", args) };
  const unsent: RankedCause = { id: "exited-without-flush", certainty: "likely", because: sentence("because.unsent", args) };
  // It flushed as it left and this was not in it: it had not been ended.
  if (missing.location === "local" && leftByExitHandler(owner)) return [neverEnded, { ...unsent, certainty: "possible" }];
  if (missing.location === "local" && cameAfterIt(evidence, missing, owner)) {
    const filtered: RankedCause = { id: "filtered", certainty: "likely", because: sentence("because.filtered") };
    return [filtered, { ...neverEnded, certainty: "possible" }, { ...unsent, certainty: "possible" }];
  }
  const deaths = causesOfDeath(evidence, owner, endedMs, null);
  const stopped = deaths.filter(({ id }) => id === "stopped-by-parent");
  const died: RankedCause = { id: "process-died", certainty: "possible", because: sentence("because.process-died", args) };
  if (missing.location === "remote") return [...stopped, { ...died, certainty: "likely" }, { ...unsent, certainty: "possible" }];
  return [...stopped, unsent, died, ...(leftInOrder(owner) ? [{ ...neverEnded, certainty: "possible" } satisfies RankedCause] : [])];
}

/**
 * A span of the same process that ended after all of its children, and was sent in order: a parent between them had been sent before, had it
 * been ended and kept. One that its code path forgets to end is seldom the active one, and so has seldom children; a filter takes any.
 *
 *   GET /item     |-----------|     @p     received
 *     (cache)                              never came
 *       redis GET   |--|            @p
 */
function cameAfterIt(evidence: TraceEvidence, { children }: MissingParent, owner: ProcessEvidence): boolean {
  const { spans, tree } = evidence;
  if (!indexOf(evidence).sdkOf(owner).fifo) return false;
  return [...tree.roots].some((node) => {
    const root = spans[node];
    return (
      root !== undefined &&
      root.processId === owner.processId &&
      root.endTimeUnixNano !== null &&
      children.every(({ startTimeUnixNano, endTimeUnixNano }) => {
        return root.startTimeUnixNano <= startTimeUnixNano && (endTimeUnixNano ?? startTimeUnixNano) <= (root.endTimeUnixNano ?? 0n);
      })
    );
  });
}

function outside(evidence: TraceEvidence, { children }: MissingParent): RankedCause[] {
  const servers = children.filter((child) => child.kind === "server");
  const [server] = servers;
  const notReporting: RankedCause = {
    id: "service-not-reporting",
    certainty: "possible",
    because: sentence("because.service-not-reporting", { service: children[0]?.service ?? "" }),
  };
  if (!server) return [notReporting, { id: "batch-lost", certainty: "possible", because: sentence("because.batch-lost") }];
  const habit = evidence.remoteParents.get(server.service);
  const certainty = habit !== undefined && isExternal(habit) ? "likely" : "possible";
  const args = { service: server.service, count: habit?.remoteParents ?? 1, missing: habit?.neverReceived ?? 1 };
  return [{ id: "external-parent", certainty, because: sentence(`because.external-parent-${certainty}`, args) }, notReporting];
}

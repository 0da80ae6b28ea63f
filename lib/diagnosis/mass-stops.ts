import type { TraceEvidence } from "./check";
import { earliest } from "./earliest";
import { indexOf } from "./evidence-index";
import type { Certainty } from "./finding";
import { once } from "./once";
import { type OpenSpan, openSpansOf } from "./open-spans";
import type { ProcessEvidence } from "./process-evidence";
import { RHYTHM_REQUESTS, requestsOf, SILENCE_FACTOR } from "./process-state";

/** A process that fell silent with several things at work, while others around it went on (wire.md W7). */
export interface MassStop {
  owner: ProcessEvidence;
  /** What it was at: its open spans with nothing open below them, and all of its open spans. */
  leaves: OpenSpan[];
  open: OpenSpan[];
  /** Processes that had begun before and report since. */
  others: ProcessEvidence[];
  certainty: Certainty;
}

/** wire.md W7. Spans of one call nest: it is the leaves that count. */
const LEAVES_MIN = 3;
/** Of what was at work, something came within so many of its usual pauses before the last. */
const PAUSES = 3;

interface Stops {
  stops: MassStop[];
  lookAgainAtMs: number | null;
}

/**
 * The stops of a trace. A process that is known to have ended is told by `abandoned-span`; here are those of which only their silence is
 * known. Three calls that all wait look the same at first, so it takes either a process that has talked ten times longer than it is silent
 * now, with no pause of a tenth of that, or spans that are stale each for itself.
 */
export const massStopsOf = once((evidence): Stops => {
  const open = openSpansOf(evidence);
  if (open.length < LEAVES_MIN) return { stops: [], lookAgainAtMs: null };
  const byOwner = new Map<ProcessEvidence, OpenSpan[]>();
  for (const one of open) {
    if (one.owner === null) continue;
    const those = byOwner.get(one.owner);
    if (those) those.push(one);
    else byOwner.set(one.owner, [one]);
  }
  const judged = [...byOwner].filter(([, { length }]) => length >= LEAVES_MIN).map(([owner, own]) => judge(evidence, owner, own));
  return {
    stops: judged.flatMap(({ stop }) => (stop === null ? [] : [stop])),
    lookAgainAtMs: earliest(judged.map(({ lookAgainAtMs }) => lookAgainAtMs)),
  };
});

interface Judgement {
  stop: MassStop | null;
  lookAgainAtMs: number | null;
}
const NOTHING: Judgement = { stop: null, lookAgainAtMs: null };

function judge(evidence: TraceEvidence, owner: ProcessEvidence, open: OpenSpan[]): Judgement {
  const { nowMs, settings } = evidence;
  const { longestPauseMs, firstReceivedMs, lastReceivedMs } = owner;
  if (longestPauseMs === null || requestsOf(owner) < RHYTHM_REQUESTS || open.some(({ state }) => state === "abandoned")) return NOTHING;
  const { batchDelayMs } = indexOf(evidence).sdkOf(owner);
  const windowMs = PAUSES * Math.max(longestPauseMs, batchDelayMs);
  const leaves = leavesOf(evidence, open).filter((one) => one.lastActivityMs >= lastReceivedMs - windowMs && one.expected === null);
  if (leaves.length < LEAVES_MIN || indexOf(evidence).stateOf(owner).because === "connections-just-closed") return NOTHING;

  const silenceMs = Math.max(settings.settleMs, PAUSES * batchDelayMs, SILENCE_FACTOR * longestPauseMs);
  const isSteady = lastReceivedMs - firstReceivedMs >= SILENCE_FACTOR * silenceMs;
  const areStale = leaves.filter(({ state }) => state === "stale").length >= LEAVES_MIN;
  const silentAtMs = lastReceivedMs + silenceMs;
  if (nowMs < silentAtMs || !(isSteady || areStale))
    return { stop: null, lookAgainAtMs: isSteady && nowMs < silentAtMs ? silentAtMs : null };

  const others = othersThatWentOn(evidence, owner, lastReceivedMs + windowMs);
  // They may report in other traces, which raises no look at this one: ever later, until the spans are stale.
  if (others.length === 0) return { stop: null, lookAgainAtMs: areStale ? null : nowMs + (nowMs - lastReceivedMs) };
  const isLikely = isSteady || leaves.every(({ usualMs }) => usualMs !== null);
  return { stop: { owner, leaves, open, others, certainty: isLikely ? "likely" : "possible" }, lookAgainAtMs: null };
}

/** Open spans that have no open span directly below them. */
function leavesOf({ tree }: TraceEvidence, open: readonly OpenSpan[]): OpenSpan[] {
  const above = new Set(open.map(({ node }) => tree.parent[node] as number));
  return open.filter(({ node }) => !above.has(node));
}

/** One that began since is a replacement: that it talks tells nothing of what else went on. */
function othersThatWentOn({ processes, neighbours }: TraceEvidence, owner: ProcessEvidence, sinceMs: number): ProcessEvidence[] {
  return [...processes.values(), ...neighbours.values()].filter(
    (other) => other.processId !== owner.processId && other.firstReceivedMs <= owner.lastReceivedMs && other.lastReceivedMs >= sinceMs,
  );
}

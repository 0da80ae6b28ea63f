import { msOf } from "@/lib/otel/time";
import { earliest } from "../earliest";
import type { FindingDraft, RankedCause } from "../finding";
import type { ProcessEvidence } from "../process-evidence";
import { processStateOf } from "../process-state";
import { sdkCapabilitiesOf } from "../sdk-capabilities";
import { evidenceOf, processLabel, processRef, sentence, sourceAdvice } from "../sentences";
import type { Handshake, Sender, SenderRoot, SourceCheck, SourceEvidence } from "../source-check";

/** Fewer may be a program that configures twice, or a tool of the command line (wire.md W1, traps). */
const SILENT_MIN = 2;
/** A process may configure twice, at import and in its worker function: as many hand-shakes as that are no sign of others. */
const CONFIGURES_MAX = 2;
const SHOWN_MAX = 5;

/**
 * W1: within one span of a program several processes configured Logfire side by side, and fewer reported. The others were ended before their
 * first batch was due, so whatever they recorded went with them.
 *
 *   GET /v1/info    ●            ●●●●                         @main, then four workers
 *   sum of squares    |--------------------|                  @main
 *   square 3                        |-|                       @w3     of the other three nothing came
 *                                ←―――――――――→ too short for a first batch to be sent
 *
 * A Logfire process that lives on sends its first batch half a second after its first span at the latest, so a silent one that lived longer
 * simply had nothing to say: it is left alone, as are a program that is still running, and one that configures several times by itself.
 */
export const silentWorkerByHandshake: SourceCheck = {
  kind: "silent-worker",
  find: (evidence) => {
    const judged = fleetsOf(evidence).map((fleet) => ({ fleet, ...judge(evidence, fleet) }));
    return {
      findings: judged.filter(({ isReady }) => isReady).map(({ fleet }) => silentFinding(fleet)),
      lookAgainAtMs: earliest(judged.map(({ lookAgainAtMs }) => lookAgainAtMs)),
    };
  },
};

/** Hand-shakes of one program: the same token, peer and SDK, straight from the process. */
interface Program {
  handshakes: Handshake[];
  senders: ProcessEvidence[];
}

/** Processes that one span of a program started side by side. */
interface Fleet {
  spawner: ProcessEvidence;
  root: SenderRoot;
  /** When it ended, by our clock. */
  endedMs: number;
  handshakes: readonly [Handshake, ...Handshake[]];
  reporters: ProcessEvidence[];
}

/** Whether more processes configured than reported: only then are their root spans of interest. */
export const asksForRoots = (evidence: SourceEvidence): boolean => programsOf(evidence).length > 0;

/** Services whose root spans are asked for, and from when on. */
export function rootsAskedFor(evidence: SourceEvidence): { services: string[]; sinceMs: number } {
  const programs = programsOf(evidence);
  return {
    services: [...new Set(programs.flatMap(({ senders }) => senders.map(({ service }) => service)))],
    sinceMs: Math.min(...programs.flatMap(({ senders }) => senders.map(({ firstReceivedMs }) => firstReceivedMs))),
  };
}

function programsOf({ handshakes, senders, sinceMs }: SourceEvidence): Program[] {
  const byKey = new Map<string, Handshake[]>();
  for (const handshake of handshakes) {
    // Only logfire-python asks for /v1/info when it is configured, over a connection of its own (wire.md §2.7, §3.1).
    if (!handshake.direct || handshake.atMs < sinceMs || !handshake.userAgent.startsWith("logfire/")) continue;
    const key = JSON.stringify([handshake.tokenHash, handshake.peer, handshake.userAgent]);
    const known = byKey.get(key);
    if (known?.some(({ connectionId }) => connectionId === handshake.connectionId)) continue;
    if (known) known.push(handshake);
    else byKey.set(key, [handshake]);
  }
  return [...byKey.values()].flatMap((own) => {
    const [first] = own as [Handshake];
    const program = { handshakes: own.sort((a, b) => a.atMs - b.atMs), senders: sendersOf(senders, first) };
    return program.senders.length > 0 && own.length >= distinct(program.senders) + SILENT_MIN ? [program] : [];
  });
}

const sendersOf = (senders: readonly Sender[], { tokenHash, peer, userAgent }: Handshake): ProcessEvidence[] =>
  senders
    .map(({ process }) => process)
    .filter(
      (process) =>
        process.userAgent === userAgent &&
        process.connections.some((connection) => connection.direct && connection.peer === peer && connection.tokenHash === tokenHash),
    );

/** Processes by host and pid: one that configures again reports under another instance id. */
const distinct = (processes: readonly ProcessEvidence[]): number =>
  new Set(processes.map(({ processId, host, pid }) => (pid === null ? processId : `${host} ${pid}`))).size;

/** One for each root span at most: a program with several tokens shakes hands with each. */
function fleetsOf(evidence: SourceEvidence): Fleet[] {
  const fleets = new Map<string, Fleet>();
  for (const program of programsOf(evidence)) {
    const byId = new Map(program.senders.map((process) => [process.processId, process]));
    for (const root of evidence.roots) {
      const spawner = byId.get(root.processId);
      const fleet = spawner ? fleetOf(evidence, program, spawner, root) : null;
      const known = fleets.get(root.spanId);
      if (fleet !== null && (!known || silentOf(fleet) > silentOf(known))) fleets.set(root.spanId, fleet);
    }
  }
  return [...fleets.values()];
}

const silentOf = ({ handshakes, reporters }: Fleet): number => handshakes.length - distinct(reporters);

function fleetOf(evidence: SourceEvidence, program: Program, spawner: ProcessEvidence, root: SenderRoot): Fleet | null {
  const extent = extentOf(evidence, root);
  if (extent === null) return null;
  const { startedMs, endedMs } = extent;
  const own = ownHandshake(evidence, program, spawner);
  const handshakes = program.handshakes.filter((one) => one !== own && one.atMs > startedMs && one.atMs < endedMs);
  const [first] = handshakes;
  const last = handshakes.at(-1);
  if (!first || !last) return null;
  // One after the other, a program needs from its start to its hand-shake at least what the first needed.
  if (last.atMs - first.atMs >= first.atMs - startedMs) return null;
  // One batch delay for the first batch, and as much for the worker to begin and for the batch to leave.
  if (endedMs - first.atMs > 2 * sdkCapabilitiesOf(spawner).batchDelayMs) return null;
  if (isAmongOthers(evidence, program, root, first.atMs, last.atMs)) return null;

  const untilMs = endedMs + evidence.settings.settleMs;
  const reporters = program.senders.filter(
    (process) =>
      process !== spawner && process.pid !== spawner.pid && process.firstReceivedMs >= first.atMs && process.firstReceivedMs <= untilMs,
  );
  const reported = distinct(reporters);
  if (handshakes.length - reported < SILENT_MIN || handshakes.length <= CONFIGURES_MAX * reported) return null;
  // Nobody else was heard of: unless it goes on under its own name, it was the program itself that configured again.
  if (reported === 0 && !goesOn(evidence, root)) return null;
  return { spawner, root, endedMs, handshakes: handshakes as [Handshake, ...Handshake[]], reporters };
}

/** A program asks in the background as it is configured, so its own hand-shake may come after its first span has begun. */
const ownHandshake = ({ sinceMs }: SourceEvidence, { handshakes }: Program, spawner: ProcessEvidence): Handshake | undefined =>
  spawner.firstReceivedMs > sinceMs ? handshakes[0] : undefined;

/** From when to when a root was open by our clock: of its process's reports the one that came fastest tells how their clocks differ. */
function extentOf({ roots }: SourceEvidence, root: SenderRoot): { startedMs: number; endedMs: number } | null {
  if (root.endTimeUnixNano === null || root.startReceivedMs === null) return null;
  let differenceMs = Number.POSITIVE_INFINITY;
  for (const { processId, startTimeUnixNano, startReceivedMs, endTimeUnixNano, endReceivedMs } of roots) {
    if (processId !== root.processId) continue;
    if (startReceivedMs !== null) differenceMs = Math.min(differenceMs, startReceivedMs - msOf(startTimeUnixNano));
    if (endTimeUnixNano !== null && endReceivedMs !== null) differenceMs = Math.min(differenceMs, endReceivedMs - msOf(endTimeUnixNano));
  }
  return { startedMs: msOf(root.startTimeUnixNano) + differenceMs, endedMs: msOf(root.endTimeUnixNano) + differenceMs };
}

/** Another process that was there before them had a root span open too: whose workers they were is not known. */
function isAmongOthers({ roots }: SourceEvidence, { senders }: Program, { processId }: SenderRoot, fromMs: number, toMs: number): boolean {
  const before = new Set(senders.filter(({ firstReceivedMs }) => firstReceivedMs < fromMs).map((process) => process.processId));
  return roots.some(
    (other) =>
      other.processId !== processId &&
      before.has(other.processId) &&
      (other.startReceivedMs ?? Number.NEGATIVE_INFINITY) < toMs &&
      (other.endReceivedMs ?? Number.POSITIVE_INFINITY) > fromMs,
  );
}

const goesOn = ({ roots }: SourceEvidence, { processId, endTimeUnixNano }: SenderRoot): boolean =>
  endTimeUnixNano !== null && roots.some((other) => other.processId === processId && other.startTimeUnixNano >= endTimeUnixNano);

/** Workers may outlive the span that started them, but hardly their program: until it has ended they may still report. */
function judge(evidence: SourceEvidence, { spawner, root, reporters }: Fleet): { isReady: boolean; lookAgainAtMs: number | null } {
  const { nowMs, settings, traceFindings } = evidence;
  // Their numbers tell it already (wire.md W2), with the very ones that are missing.
  const isTold = traceFindings.some(
    ({ kind, traceId, processId }) => kind === "silent-worker" && (processId === spawner.processId || traceId === root.traceId),
  );
  if (isTold) return { isReady: false, lookAgainAtMs: null };
  const state = processStateOf(spawner, nowMs, settings);
  if (state.state !== "ended") return { isReady: false, lookAgainAtMs: state.lookAgainAtMs };
  const lastMs = Math.max(spawner.lastReceivedMs, ...reporters.map(({ lastReceivedMs }) => lastReceivedMs));
  const readyMs = lastMs + settings.settleMs + sdkCapabilitiesOf(spawner).batchDelayMs;
  return nowMs < readyMs ? { isReady: false, lookAgainAtMs: readyMs } : { isReady: true, lookAgainAtMs: null };
}

function silentFinding(fleet: Fleet): FindingDraft {
  const { spawner, root, endedMs, handshakes, reporters } = fleet;
  const [first] = handshakes;
  const firstMs = first.atMs;
  const lastMs = (handshakes.at(-1) ?? first).atMs;
  const count = silentOf(fleet);
  const args = { count, total: handshakes.length, span: root.name, process: processLabel(spawner), at: firstMs };
  const causes = causesOf(fleet);
  return {
    kind: "silent-worker",
    severity: "error",
    certainty: reporters.length > 0 ? "likely" : "possible",
    subject: `${spawner.processId} ${root.spanId} handshakes`,
    service: spawner.service,
    traceId: null,
    spanIds: [root.spanId],
    missingSpanId: null,
    processId: spawner.processId,
    spanName: root.name,
    title: sentence("silent-worker.handshake-title", args),
    count,
    causes,
    evidence: [
      evidenceOf(
        "evidence.handshakes",
        { total: handshakes.length, at: firstMs, duration: lastMs - firstMs },
        { type: "connection", id: first.connectionId },
      ),
      evidenceOf("evidence.span-around", { span: root.name, process: processLabel(spawner) }, { type: "trace", id: root.traceId }),
      ...reporters
        .slice(0, SHOWN_MAX)
        .map((process) => evidenceOf("evidence.worker-is", { process: processLabel(process) }, processRef(process))),
      evidenceOf("evidence.ended-so-soon", { span: root.name, duration: endedMs - firstMs }),
    ],
    advice: sourceAdvice(causes[0]?.id === "exited-without-flush" ? ["A2", "A3", "A4"] : ["A3", "A2", "A4"], spawner),
    retractedBy: sentence("retracted-by.worker-reports"),
    lastEvidenceMs: firstMs,
  };
}

/** An SDK that flushes when a worker leaves in good order leaves only the bad ones (wire.md §2.8). */
function causesOf({ spawner, root }: Fleet): RankedCause[] {
  const flushes = sdkCapabilitiesOf(spawner).flushesAtForkExit;
  const stopped: RankedCause = {
    id: "stopped-by-parent",
    certainty: flushes ? "likely" : "possible",
    because: sentence("because.silent-stopped", { span: root.name, process: processLabel(spawner) }),
  };
  const died: RankedCause = { id: "process-died", certainty: "possible", because: sentence("because.silent-death") };
  const exited: RankedCause = { id: "exited-without-flush", certainty: "possible", because: sentence("because.silent-unflushed") };
  return flushes ? [stopped, died, exited] : [exited, stopped, died];
}

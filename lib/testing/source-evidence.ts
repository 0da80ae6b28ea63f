import type { ProcessEvidence } from "@/lib/diagnosis/process-evidence";
import { DEFAULT_SETTINGS, type DiagnosisSettings } from "@/lib/diagnosis/settings";
import type { Handshake, Reject, Sender, SenderRoot, SourceEvidence } from "@/lib/diagnosis/source-check";
import { connectionEvidence, processEvidence } from "./evidence";
import { ownIdOf, spanIdOf, TEST_EPOCH_MS } from "./spans";

const TOKEN = "a1".repeat(32);

type SenderChanges = Partial<ProcessEvidence> & Partial<Omit<Sender, "process">> & { closedMs?: number; tokenHash?: string };

/**
 * Process `label` with one connection of its own, open unless `closedMs` says otherwise; say only what matters. Moments are ms after the
 * test's epoch.
 */
export function sender(label: string, changes: SenderChanges = {}): Sender {
  const { endedSpans = 0, logs = 0, trimmedSpans = 0, metrics = [], closedMs, tokenHash = TOKEN, ...process } = changes;
  const { firstReceivedMs = 0, lastReceivedMs = firstReceivedMs, userAgent = "logfire/4.41.0" } = process;
  const times = { openedMs: firstReceivedMs, firstReceivedMs, lastReceivedMs, ...(closedMs === undefined ? {} : { closedMs }) };
  const connection = { ...connectionEvidence(label, times), tokenHash, userAgent };
  return {
    process: processEvidence(label, { connections: [connection], ...process }),
    endedSpans,
    logs,
    trimmedSpans,
    metrics: metrics.map((metric) => ({ ...metric, receivedMs: TEST_EPOCH_MS + metric.receivedMs })),
  };
}

/** A hand-shake of the senders' token, `atMs` after the test's epoch. */
export const handshake = (atMs: number, changes: Partial<Handshake> = {}): Handshake => ({
  connectionId: ownIdOf(`handshake ${atMs}`),
  peer: "127.0.0.1",
  userAgent: "logfire/4.41.0",
  tokenHash: TOKEN,
  direct: true,
  ...changes,
  atMs: TEST_EPOCH_MS + atMs,
});

/** A refusal on the connection of process `label`. */
export const reject = (label: string, atMs: number, changes: Partial<Reject> = {}): Reject => ({
  connectionId: ownIdOf(label),
  processIds: [ownIdOf(label)],
  direct: true,
  status: 400,
  reason: "malformed",
  detail: "",
  ...changes,
  atMs: TEST_EPOCH_MS + atMs,
});

/** The root span `name` of process `label`, open from and to these ms, reported at once. */
export function senderRoot(
  name: string,
  label: string,
  fromMs: number,
  toMs: number | null,
  changes: Partial<SenderRoot> = {},
): SenderRoot {
  return {
    traceId: spanIdOf(name).repeat(2),
    spanId: spanIdOf(name),
    name,
    processId: ownIdOf(label),
    startTimeUnixNano: BigInt(TEST_EPOCH_MS + fromMs) * 1_000_000n,
    endTimeUnixNano: toMs === null ? null : BigInt(TEST_EPOCH_MS + toMs) * 1_000_000n,
    startReceivedMs: TEST_EPOCH_MS + fromMs,
    endReceivedMs: toMs === null ? null : TEST_EPOCH_MS + toMs,
    ...changes,
  };
}

type EvidenceChanges = Partial<Omit<SourceEvidence, "settings">> & { nowMs: number; settings?: Partial<DiagnosisSettings> };

/** What a source check would see `nowMs` after the test's epoch. */
export const sourceEvidence = (changes: EvidenceChanges): SourceEvidence => ({
  senders: [],
  handshakes: [],
  rejects: [],
  roots: [],
  traceFindings: [],
  ...changes,
  settings: { ...DEFAULT_SETTINGS, settleMs: 3_000, ...changes.settings },
  nowMs: TEST_EPOCH_MS + changes.nowMs,
  sinceMs: TEST_EPOCH_MS + (changes.sinceMs ?? -900_000),
});

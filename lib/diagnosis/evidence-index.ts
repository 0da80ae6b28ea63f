import type { SpanId } from "@/lib/otel/ids";
import type { LogRecord } from "@/lib/otel/log-record";
import type { Span } from "@/lib/otel/span";
import type { TraceEvidence } from "./check";
import { once } from "./once";
import type { ProcessEvidence, ProcessState } from "./process-evidence";
import { processStateOf } from "./process-state";
import { type SdkCapabilities, sdkCapabilitiesOf } from "./sdk-capabilities";

/** What several checks look up in the same evidence, worked out once. */
export interface EvidenceIndex {
  logsBySpan: ReadonlyMap<SpanId, LogRecord[]>;
  /** Processes that were seen to send starts or heartbeats, whatever their SDK is known for. */
  sendsStarts: ReadonlySet<string>;
  /** Whatever is known of a process: of this trace, else a neighbour. */
  processOf(processId: string): ProcessEvidence | null;
  stateOf(process: ProcessEvidence): ProcessState;
  sdkOf(process: ProcessEvidence): SdkCapabilities;
}

export const indexOf = once(({ spans, logRecords, processes, neighbours, nowMs, settings }): EvidenceIndex => {
  const logsBySpan = new Map<SpanId, LogRecord[]>();
  for (const log of logRecords) {
    if (log.spanId === null) continue;
    const logs = logsBySpan.get(log.spanId);
    if (logs) logs.push(log);
    else logsBySpan.set(log.spanId, [log]);
  }
  const sendsStarts = new Set<string>();
  const sendsPendings = new Set<string>();
  for (const { records } of spans) {
    for (const { phase, dialect, processId } of records) {
      if (phase === "end") continue;
      sendsStarts.add(processId);
      if (dialect === "logfire-pending") sendsPendings.add(processId);
    }
  }

  const states = new Map<ProcessEvidence, ProcessState>();
  const sdks = new Map<ProcessEvidence, SdkCapabilities>();
  return {
    logsBySpan,
    sendsStarts,
    processOf: (processId) => processes.get(processId) ?? neighbours.get(processId) ?? null,
    stateOf: (process) => remember(states, process, () => processStateOf(process, nowMs, settings)),
    sdkOf: (process) =>
      remember(sdks, process, () => {
        const sdk = sdkCapabilitiesOf(process, sendsPendings.has(process.processId));
        return { ...sdk, sendsStarts: sdk.sendsStarts || sendsStarts.has(process.processId) };
      }),
  };
});

function remember<K, V>(memory: Map<K, V>, key: K, work: () => V): V {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const value = work();
  memory.set(key, value);
  return value;
}

/** The spans directly below `node`. */
export function childrenOf({ tree, spans }: TraceEvidence, node: number): Span[] {
  const children: Span[] = [];
  for (let at = tree.childStart[node] as number; at < (tree.childStart[node + 1] as number); at++) {
    const child = spans[tree.childList[at] as number];
    if (child) children.push(child);
  }
  return children;
}

/** What tells one span of a kind from another is taken out of its name: `packer 1` and `packer 2` are one template. */
export const templateOf = (name: string): string => name.replace(/\b[0-9a-f]{8,}\b|\d+/gi, "#");

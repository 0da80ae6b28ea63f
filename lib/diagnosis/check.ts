import type { SpanId, TraceId } from "@/lib/otel/ids";
import type { LogRecord } from "@/lib/otel/log-record";
import type { Span, SpanKind } from "@/lib/otel/span";
import type { UnixNano } from "@/lib/otel/time";
import type { SpanTree } from "@/lib/span-tree/span-tree";
import type { Baseline } from "./baseline";
import type { FindingDraft, Kind } from "./finding";
import type { LogHabit } from "./log-habit";
import type { ProcessEvidence } from "./process-evidence";
import type { DiagnosisSettings } from "./settings";

/** Everything known of one trace at one moment: what a check may look at. No clock, no I/O: `nowMs` is given. */
export interface TraceEvidence {
  traceId: TraceId;
  nowMs: number;
  settings: DiagnosisSettings;
  spans: Span[];
  tree: SpanTree;
  logRecords: LogRecord[];
  processes: ReadonlyMap<string, ProcessEvidence>;
  /**
   * Processes of the same services that lived while the trace did and sent nothing of it, and, where what was served lacks its caller, of any
   * service: owners, perhaps, of what is missing.
   */
  neighbours: ReadonlyMap<string, ProcessEvidence>;
  /** Roots of other traces of the same services that were open while this one was; loaded only where something asks for them. */
  concurrentRoots: readonly ConcurrentRoot[];
  /** Spans of another trace whose id has the same low 64 bits, that this one names as missing parents (wire.md P11). */
  sameLowIds: SameLowIds | null;
  /** Spans of other traces that this one names as missing parents, each in one other trace only (wire.md P10). */
  parentsElsewhere: ReadonlyMap<SpanId, SpanElsewhere>;
  /** Where the program opened a span (`code.filepath`, `code.lineno`, `code.function`), of spans that a finding may be about. */
  callSites: ReadonlyMap<SpanId, CallSite>;
  /** What is usual for a service's spans of one name, by `baselineKey` (wire.md L2). */
  baselines: ReadonlyMap<string, Baseline>;
  /** Open spans that somebody said are normally long, each with the rule that says so. */
  expected: ReadonlyMap<SpanId, ExpectedSpan>;
  /** Whether a service's closed spans of one name usually have logs, by `baselineKey` (features.md M10). */
  logHabits: ReadonlyMap<string, LogHabit>;
  /** Which numbers the workers of earlier runs had, by `workerHabitKey` (wire.md W2); loaded only where workers are numbered. */
  workerHabits: ReadonlyMap<string, WorkerHabit>;
  /** How parents of SERVER spans of a service usually fare, by service name (wire.md O3b). */
  remoteParents: ReadonlyMap<string, RemoteParentHabit>;
  firstReceivedMs: number;
  lastReceivedMs: number;
  /** A part of it is older than the retention and gone: what is absent may have been there. */
  isCut: boolean;
}

export interface SameLowIds {
  traceId: TraceId;
  /** Those of this trace's missing parents that are there. */
  spanIds: readonly SpanId[];
}

/** A span of another trace that is named as parent here. */
export interface SpanElsewhere {
  traceId: TraceId;
  spanId: SpanId;
  name: string;
  service: string;
  startTimeUnixNano: UnixNano;
  /** Null while no end was received. */
  endTimeUnixNano: UnixNano | null;
}

/** The root span of another trace. */
export interface ConcurrentRoot {
  traceId: TraceId;
  spanId: SpanId;
  name: string;
  kind: SpanKind;
  processId: string;
  connectionId: string;
  startTimeUnixNano: UnixNano;
  /** Null while no end was received. */
  endTimeUnixNano: UnixNano | null;
  /** A root with links is one on purpose: they tell where its work came from. */
  hasLinks: boolean;
}

export interface CallSite {
  file: string;
  line: number | null;
  function: string | null;
}

/** Which numbers the workers of one kind had in their latest runs (wire.md W2), the newest first; each as `0-7` or `1-3,5,6`. */
export interface WorkerHabit {
  runs: readonly string[];
}

/** Over the last traces of a service: how many of its spans named a remote parent, how many of those never came, how many distinct ids. */
export interface RemoteParentHabit {
  remoteParents: number;
  neverReceived: number;
  distinctMissing: number;
}

/** Somebody said that spans like this are normally open for long (features.md S12). What is null is not asked for. */
export interface ExpectedSpan {
  id: string;
  service: string | null;
  spanName: string | null;
  /** A value is compared as text, so `1` means the string, the integer and the double. */
  attribute: { key: string; value: string } | null;
  spanKind: SpanKind | null;
}

export interface CheckResult {
  findings: FindingDraft[];
  /** When time alone could change the answer (Unix ms), or null. */
  lookAgainAtMs: number | null;
  /** It waits for the trace to be quiet and says nothing until then: what it said before stands meanwhile. */
  waits?: true;
}

/** One check: one file, one drawing, one test, one page under docs/checks/<kind>.md. */
export interface Check {
  kind: Kind;
  find(evidence: TraceEvidence): CheckResult;
}

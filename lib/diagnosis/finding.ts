import type { SpanId, TraceId } from "@/lib/otel/ids";

/** Every kind of design §6 by family. A kind without a check yet is listed all the same: the JSON contract and the words are stable. */
export const KINDS_BY_FAMILY = {
  unclosed: [
    "ongoing-span",
    "stale-span",
    "abandoned-span",
    "false-close",
    "divergent-ends",
    "closed-at-exit",
    "closed-by-sweeper",
    "endless-root",
    "impossible-times",
  ],
  orphan: ["orphaned-span", "rootless-trace", "several-roots", "orphaned-log"],
  "missing-worker-data": [
    "silent-worker",
    "worker-without-logs",
    "span-without-logs",
    "truncated-worker",
    "count-mismatch",
    "dropped-by-sdk",
    "mass-stop",
    "interleaved-requests",
    "shared-connection",
    "stale-process-identity",
    "pipeline-loss",
    "lost-batch",
  ],
  "wrong-parent": [
    "parent-changed",
    "inherited-over-fork",
    "parent-already-closed",
    "stale-carrier",
    "child-before-parent",
    "child-outlives-parent",
    "disconnected-worker",
    "parent-cycle",
    "parent-in-other-trace",
    "truncated-trace-id",
    "duplicate-span-id",
    "context-leak",
    "rewritten-traceparent",
    "better-parent",
  ],
  "data-quality": ["clock-skew", "absurd-clock", "late-data", "unnamed-service", "missing-identity"],
} as const;

export type Family = keyof typeof KINDS_BY_FAMILY;
export type Kind = (typeof KINDS_BY_FAMILY)[Family][number];
export const FAMILIES = Object.keys(KINDS_BY_FAMILY) as Family[];
export const KINDS = Object.values(KINDS_BY_FAMILY).flat() as Kind[];
export const familyOf = (kind: Kind): Family =>
  FAMILIES.find((family) => (KINDS_BY_FAMILY[family] as readonly Kind[]).includes(kind)) as Family;

/** The vocabulary of causes (docs/causes.md). */
export const CAUSES = [
  "running",
  "hung",
  "never-ended",
  "process-died",
  "exited-without-flush",
  "stopped-by-parent",
  "forked-copy",
  "exit-handler",
  "janitor",
  "heartbeat-lost",
  "end-only-sdk",
  "batch-lost",
  "queue-overflow",
  "shared-connection",
  "stale-process-attributes",
  "sdk-not-configured",
  "logs-not-flushed",
  "service-not-reporting",
  "external-parent",
  "sampled-away",
  "filtered",
  "pipeline-loss",
  "late-delivery",
  "context-not-propagated",
  "context-inherited",
  "stale-carrier",
  "context-not-detached",
  "fire-and-forget",
  "wrong-active-span",
  "reparented",
  "context-rewritten",
  "truncated-trace-id",
  "reused-trace-id",
  "span-limits",
  "cloned-id-generator",
  "clock",
  "corrupt-data",
] as const;
export type Cause = (typeof CAUSES)[number];

export const SEVERITIES = ["error", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];
/** A promise that is measured: proved is never wrong, likely is right 9 times in 10, possible more often than not. */
export const CERTAINTIES = ["proved", "likely", "possible"] as const;
export type Certainty = (typeof CERTAINTIES)[number];
export const FINDING_STATES = ["open", "resolved", "retracted", "muted"] as const;
export type FindingState = (typeof FINDING_STATES)[number];
/** What a reader may say of a finding, and so of all that have its kind, service, span name and cause (features.md S13). */
export const VERDICTS = ["not-a-problem", "known", "fixed"] as const;
export type Verdict = (typeof VERDICTS)[number];

/**
 * A sentence that is not yet in any language: `id` names a template in lib/diagnosis/words/{en,zh}.ts, `args` fill its {places}.
 * Findings are stored so, and worded when they are read, in the reader's language. Moments are Unix ms under `at` and keys ending in `At`,
 * durations in ms under `duration` and keys ending in `Duration`; the words format them.
 */
export interface Sentence {
  id: string;
  args: Record<string, string | number>;
}

/** What a line of evidence points at, so that the reader can open the very record. */
export interface EvidenceRef {
  type: "span" | "trace" | "process" | "connection" | "request" | "log";
  id: string;
}

export interface Evidence {
  sentence: Sentence;
  ref: EvidenceRef | null;
}

export interface RankedCause {
  id: Cause;
  certainty: Certainty;
  because: Sentence;
}

/** One cure, with the user's own call site in the snippet. `id` is one of lib/diagnosis/advice (wire.md §12). */
export interface Advice {
  id: string;
  /** What fills the snippet's places: service, callSite, function, spanName, sdkVersion … */
  args: Record<string, string | number>;
  /** Language of the user's SDK: python, nodejs, go, java … */
  language: string | null;
}

/**
 * Where a span most likely belongs. It is told beside the parent that was received with the span, never put in its place: what was received
 * stays as it was received.
 */
export interface ProposedParent {
  spanId: SpanId;
  /** The proposed parent's trace; perhaps another than the span's. */
  traceId: TraceId;
  /** Null: it belongs at the top, below nothing. */
  parentSpanId: SpanId | null;
}

/** What a check saw. `subject` with kind and trace makes the finding's identity, so it must not change while the same thing is seen. */
export interface FindingDraft {
  kind: Kind;
  severity: Severity;
  certainty: Certainty;
  /** The span, missing span or process the finding is about; unique within its kind and trace. */
  subject: string;
  service: string;
  traceId: TraceId | null;
  /** Begins with what the finding is about (design §6); at most 1 000. */
  spanIds: SpanId[];
  missingSpanId: SpanId | null;
  /** Of the spans whose parent is wrong, those of which a better one is known; at most 1 000. */
  proposedParents?: ProposedParent[];
  processId: string | null;
  /** Name of the span (or of the children's template) for grouping. */
  spanName: string;
  title: Sentence;
  /** Workers, spans or logs it stands for. */
  count: number;
  /** Best supported first; the first is the finding's cause. */
  causes: RankedCause[];
  evidence: Evidence[];
  advice: Advice[];
  /** What observation would withdraw it. */
  retractedBy: Sentence;
  /** Server clock of the youngest evidence, Unix ms. */
  lastEvidenceMs: number;
}

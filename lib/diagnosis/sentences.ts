import type { SpanId } from "@/lib/otel/ids";
import type { LogRecord } from "@/lib/otel/log-record";
import type { Span } from "@/lib/otel/span";
import type { CallSite, TraceEvidence } from "./check";
import type { Advice, Evidence, EvidenceRef, Sentence } from "./finding";
import type { ProcessEvidence } from "./process-evidence";
import type { SentenceId } from "./words";

/** What findings are told with; the templates are in words/en.ts and words/zh.ts. */
export const sentence = (id: SentenceId, args: Sentence["args"] = {}): Sentence => ({ id, args });

export const evidenceOf = (id: SentenceId, args: Sentence["args"], ref: EvidenceRef | null = null): Evidence => ({
  sentence: { id, args },
  ref,
});

export const spanRef = (span: Pick<Span, "spanId">): EvidenceRef => ({ type: "span", id: span.spanId });
export const missingRef = (spanId: SpanId): EvidenceRef => ({ type: "span", id: spanId });
export const processRef = (process: Pick<ProcessEvidence, "processId">): EvidenceRef => ({ type: "process", id: process.processId });
export const requestRef = (record: Pick<LogRecord, "requestId">): EvidenceRef => ({ type: "request", id: record.requestId });
export const connectionRef = (process: ProcessEvidence): EvidenceRef | null => {
  const last = process.connections.at(-1);
  return last ? { type: "connection", id: last.connectionId } : null;
};

/** A process by the shortest name that tells it apart, in no language: its pid, else its instance id, else its service. */
export function processLabel(process: Pick<ProcessEvidence, "pid" | "serviceInstanceId" | "service"> | null): string {
  if (process === null) return "?";
  if (process.pid !== null) return `pid ${process.pid}`;
  return process.serviceInstanceId === null ? process.service : `${process.service} ${process.serviceInstanceId.slice(0, 8)}`;
}

/** `worker.py:41`, or null where the program did not say. */
export const callSiteText = (site: CallSite | undefined): string | null =>
  site === undefined ? null : `${site.file}${site.line === null ? "" : `:${site.line}`}`;

/** The cures named, with what fills their snippets' places: the user's own service, span, call site and SDK. */
export function adviceFor(
  evidence: Pick<TraceEvidence, "callSites">,
  ids: readonly string[],
  span: Span | null,
  process: ProcessEvidence | null,
): Advice[] {
  const site = span === null ? undefined : evidence.callSites.get(span.spanId);
  const args: Record<string, string | number> = { service: span?.service ?? process?.service ?? "" };
  if (span) args.spanName = span.name;
  if (site) args.callSite = callSiteText(site) as string;
  if (site?.function) args.function = site.function;
  const version = process?.logfireVersion ?? /^logfire(?:-js)?\/([\w.]+)/.exec(process?.userAgent ?? "")?.[1] ?? process?.sdkVersion;
  if (version) args.sdkVersion = version;
  return ids.map((id) => ({ id, args, language: process === null ? null : adviceLanguageOf(process) }));
}

/** As `adviceFor`, where no span is at hand. */
export const sourceAdvice = (ids: readonly string[], process: ProcessEvidence | null): Advice[] =>
  adviceFor({ callSites: new Map() }, ids, null, process);

/** Which of an advice's snippets fits: logfire has its own beside its language's. */
function adviceLanguageOf(process: ProcessEvidence): string | null {
  const isLogfire = process.logfireVersion !== null || process.sdkName === "logfire" || process.userAgent.startsWith("logfire");
  if (process.sdkLanguage === null) return isLogfire ? "python-logfire" : null;
  return isLogfire ? `${process.sdkLanguage}-logfire` : process.sdkLanguage;
}

/** Lists and spans of a finding are bounded (finding.ts). */
export const SPAN_IDS_MAX = 1_000;

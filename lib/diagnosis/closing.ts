import type { SpanId } from "@/lib/otel/ids";
import type { TraceEvidence } from "./check";
import type { FindingDraft, Kind, Sentence } from "./finding";
import { once } from "./once";
import { sentence } from "./sentences";

/** What is stored of a finding that stood until now. */
export interface Standing {
  kind: Kind;
  spanIds: readonly SpanId[];
  missingSpanId: SpanId | null;
  processId: string | null;
}

export interface Closing {
  /** `resolved`: it was true and ended; `retracted`: later evidence shows that it never was. */
  state: "resolved" | "retracted";
  because: Sentence;
}

/** Kinds about spans that have not ended: their end resolves them. */
const UNCLOSED: ReadonlySet<Kind> = new Set([
  "ongoing-span",
  "stale-span",
  "endless-root",
  "mass-stop",
  "abandoned-span",
  "closed-by-sweeper",
]);

/** What each may turn into while it stays true; an ongoing span may become anything. Whatever else follows means that it never was. */
const BECOMES: Partial<Record<Kind, readonly Kind[]>> = {
  "stale-span": ["endless-root", "mass-stop", "abandoned-span", "closed-by-sweeper"],
  "endless-root": ["abandoned-span", "closed-by-sweeper", "orphaned-span"],
  "mass-stop": ["abandoned-span", "closed-by-sweeper"],
  "abandoned-span": ["closed-by-sweeper"],
  // It was missing here, and still is; where it is has been learned since.
  "orphaned-span": ["parent-in-other-trace", "lost-batch"],
  // Spans that name the missing one came since.
  "orphaned-log": ["lost-batch", "orphaned-span"],
};

/** Why a finding that stood is not seen any more. */
export function closingOf(standing: Standing, evidence: TraceEvidence, findings: readonly FindingDraft[]): Closing {
  const arrived = arrivalOf(standing, evidence);
  if (arrived !== null) return resolved(arrived);
  if (evidence.isCut) return resolved(sentence("closed.too-old"));
  const successors = candidatesFor(standing, findings).filter((finding) => isSuccessor(finding, standing));
  // What was said is still so; somebody has judged it since, which is no mistake of ours.
  const isExcused = standing.kind === "stale-span" && evidence.expected.has(standing.spanIds[0] ?? "");
  if (isExcused && successors.some(({ kind }) => kind === "ongoing-span")) return resolved(sentence("closed.expected"));
  const worse = successors.find(({ kind }) => standing.kind === "ongoing-span" || BECOMES[standing.kind]?.includes(kind));
  if (worse) return resolved(sentence("closed.became", { kind: worse.kind }));
  const owner = standing.processId === null ? undefined : evidence.processes.get(standing.processId);
  const cameBack = sentence("closed.process-came-back", { at: owner?.lastReceivedMs ?? evidence.lastReceivedMs });
  // It had stopped, and it goes on.
  if (standing.kind === "mass-stop") return resolved(cameBack);
  const isBetter = successors.length > 0 && standing.kind !== "endless-root";
  return retracted(isBetter ? cameBack : sentence("closed.no-longer-seen"));
}

/** What has arrived of what was missing: the parent, or the span's end. */
function arrivalOf({ kind, spanIds, missingSpanId }: Standing, evidence: TraceEvidence): Sentence | null {
  if (missingSpanId !== null && endsOf(evidence).has(missingSpanId)) {
    return sentence(kind === "orphaned-log" ? "closed.span-arrived" : "closed.parent-arrived");
  }
  if (missingSpanId !== null) return null;
  const at = UNCLOSED.has(kind) ? endsOf(evidence).get(spanIds[0] ?? "") : null;
  return at == null ? null : sentence("closed.end-arrived", { at });
}

/** Findings by the span, or the missing parent, that they are about; worked out once, for a trace may lose 100 000 findings at a look. */
const indexes = new WeakMap<readonly FindingDraft[], Map<SpanId, FindingDraft[]>>();

function candidatesFor({ kind, spanIds, missingSpanId }: Standing, findings: readonly FindingDraft[]): FindingDraft[] {
  let index = indexes.get(findings);
  if (!index) {
    index = byWhatTheyAreAbout(findings);
    indexes.set(findings, index);
  }
  const ownSpans = kind === "mass-stop" ? spanIds : spanIds.slice(0, 1);
  const about = missingSpanId === null ? ownSpans : [missingSpanId];
  return about.flatMap((spanId) => index.get(spanId) ?? []);
}

function byWhatTheyAreAbout(findings: readonly FindingDraft[]): Map<SpanId, FindingDraft[]> {
  const index = new Map<SpanId, FindingDraft[]>();
  for (const finding of findings) {
    for (const spanId of aboutOf(finding)) {
      const those = index.get(spanId);
      if (those) those.push(finding);
      else index.set(spanId, [finding]);
    }
  }
  return index;
}

/** `mass-stop` is about all of its spans, every other kind about its first, or about what is missing. */
function aboutOf({ kind, spanIds, missingSpanId }: FindingDraft): Iterable<SpanId> {
  if (kind === "mass-stop") return spanIds;
  return new Set([...spanIds.slice(0, 1), ...(missingSpanId === null ? [] : [missingSpanId])]);
}

/** Another finding about the same span, or the same missing parent. */
function isSuccessor(finding: FindingDraft, { kind, spanIds, missingSpanId }: Standing): boolean {
  if (finding.kind === kind) return false;
  if (missingSpanId !== null) return finding.missingSpanId === missingSpanId;
  if (!UNCLOSED.has(kind) || !UNCLOSED.has(finding.kind)) return false;
  if (finding.kind === "mass-stop") return finding.spanIds.includes(spanIds[0] ?? "");
  return kind === "mass-stop" ? spanIds.includes(finding.spanIds[0] ?? "") : finding.spanIds[0] === spanIds[0];
}

const resolved = (because: Sentence): Closing => ({ state: "resolved", because });
const retracted = (because: Sentence): Closing => ({ state: "retracted", because });

/** Of each span: when its end arrived, Unix ms, or null while it is open. */
const endsOf = once(({ spans }) => {
  const ends = new Map<SpanId, number | null>();
  for (const span of spans) {
    const end = span.endTimeUnixNano === null ? undefined : span.records.find((record) => record.endTimeUnixNano === span.endTimeUnixNano);
    ends.set(span.spanId, end?.receivedMs ?? null);
  }
  return ends;
});

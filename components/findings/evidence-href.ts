import type { FindingJson } from "@/lib/api/contract/findings";
import type { EvidenceRef } from "./finding-details";

/** Where a finding is seen in its trace; null for findings that have none. */
export function findingHref({
  id,
  traceId,
  spanIds,
  missingSpanId,
}: Pick<FindingJson, "id" | "traceId" | "spanIds" | "missingSpanId">): string | null {
  if (traceId === null) return null;
  const span = missingSpanId ?? spanIds[0];
  return `/traces/${traceId}?${new URLSearchParams({ ...(span && { span }), finding: id })}`;
}

/** Where a line of evidence is opened from outside the trace page; null when there is no page for it. */
export function evidenceHref(finding: Pick<FindingJson, "id" | "traceId">, ref: EvidenceRef): string | null {
  if (ref.type === "trace") return `/traces/${encodeURIComponent(ref.id)}`;
  if (finding.traceId === null) return null;
  const search = new URLSearchParams({ finding: finding.id });
  if (ref.type === "span") search.set("span", ref.id);
  if (ref.type === "log") search.set("tab", "logs");
  if (ref.type === "process" || ref.type === "connection") search.set("tab", "processes");
  return `/traces/${finding.traceId}?${search}`;
}

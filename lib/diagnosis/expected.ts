import type { SpanId } from "@/lib/otel/ids";
import type { Span } from "@/lib/otel/span";
import type { ExpectedSpan } from "./check";
import type { Evidence, Kind } from "./finding";
import { evidenceOf } from "./sentences";

/** Whether the rule may mean this span, its attribute aside: that is not at hand here. */
export const maySayOf = (rule: ExpectedSpan, { service, name, kind }: Pick<Span, "service" | "name" | "kind">): boolean =>
  (rule.service === null || rule.service === service) &&
  (rule.spanName === null || rule.spanName === name) &&
  (rule.spanKind === null || rule.spanKind === kind);

/** What the rule asks for, as evidence. */
export const expectedEvidence = ({ service, spanName, attribute, spanKind }: ExpectedSpan): Evidence =>
  evidenceOf("evidence.expected", {
    service: service ?? "",
    span: spanName ?? "",
    attribute: attribute === null ? "" : `${attribute.key}=${attribute.value}`,
    spanKind: spanKind ?? "",
  });

/** Whether a finding says of a span that was received how long it is open, so that "this is normal" is an answer to it. */
export const isAboutLongSpan = ({ kind, missingSpanId }: { kind: Kind; missingSpanId: SpanId | null }): boolean =>
  (kind === "stale-span" || kind === "ongoing-span") && missingSpanId === null;

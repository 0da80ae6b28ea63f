import type { ExpectedSpanRequest } from "@/lib/api/contract/expected-spans";
import type { SpanKind } from "@/lib/otel/span";

/** A rule as it is being written: fields that are empty ask for nothing. */
export interface Wish {
  service: string;
  spanName: string;
  /** `key=value` */
  attribute: string;
  spanKind: SpanKind | null;
}

export const NO_WISH: Wish = { service: "", spanName: "", attribute: "", spanKind: null };

export const isEmpty = ({ service, spanName, attribute, spanKind }: Wish): boolean =>
  service.trim() === "" && spanName.trim() === "" && attribute.trim() === "" && spanKind === null;

/** The rule that is meant, or null when the attribute is no `key=value`. A value may hold further signs and be empty. */
export function ruleOf({ service, spanName, attribute, spanKind }: Wish): ExpectedSpanRequest | null {
  const at = attribute.indexOf("=");
  const key = attribute.slice(0, at).trim();
  if (attribute.trim() !== "" && (at < 1 || key === "")) return null;
  return {
    service: service.trim() || null,
    spanName: spanName.trim() || null,
    attribute: attribute.trim() === "" ? null : { key, value: attribute.slice(at + 1).trim() },
    spanKind,
  };
}

import { type inferParserType, parseAsFloat, parseAsString, parseAsStringLiteral } from "nuqs";
import type { OpenSpansQuery } from "@/lib/api/contract/traces";

export const OPEN_STATES = ["ongoing", "stale", "abandoned", "missing"] as const;
/** Choices of "open for at least", ms. */
export const MIN_AGES = ["60000", "600000", "3600000", "86400000"] as const;

export const FILTERS = {
  service: parseAsString,
  state: parseAsStringLiteral(OPEN_STATES),
  minAge: parseAsFloat,
};
type Filters = inferParserType<typeof FILTERS>;

export const openQueryOf = (filters: Filters): Partial<OpenSpansQuery> =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== null && value !== ""));

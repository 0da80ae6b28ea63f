import { createParser, type inferParserType, parseAsFloat, parseAsNativeArrayOf, parseAsString, parseAsStringLiteral } from "nuqs";
import type { TracesQuery } from "@/lib/api/contract/traces";
import { FAMILIES, KINDS } from "@/lib/diagnosis/finding";

export const RANGES = ["15m", "1h", "6h", "24h", "7d"] as const;
export type Range = (typeof RANGES)[number];
const RANGE_MS: Record<Range, number> = { "15m": 900_000, "1h": 3_600_000, "6h": 21_600_000, "24h": 86_400_000, "7d": 604_800_000 };

export const TRACE_STATES = ["ongoing", "settled", "with-findings", "healthy"] as const;
const parseAsMoment = createParser({
  parse: (text) => (Number.isNaN(Date.parse(text)) ? null : new Date(text).toISOString()),
  serialize: (text: string) => text,
});

/** Every filter of the list is in the address. */
export const FILTERS = {
  range: parseAsStringLiteral(RANGES),
  from: parseAsMoment,
  to: parseAsMoment,
  q: parseAsString,
  service: parseAsString,
  name: parseAsString,
  status: parseAsStringLiteral(["ok", "error"]),
  minDuration: parseAsFloat,
  maxDuration: parseAsFloat,
  attr: parseAsNativeArrayOf(parseAsString),
  kind: parseAsStringLiteral(KINDS),
  family: parseAsStringLiteral(FAMILIES),
  state: parseAsStringLiteral(TRACE_STATES),
};
export type Filters = inferParserType<typeof FILTERS>;

/** The question to the API; a relative time is counted back from `nowMs`. */
export function tracesQueryOf({ range, from, to, attr, ...rest }: Filters, nowMs: number): Partial<TracesQuery> {
  const wishes = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null && value !== ""));
  return {
    ...wishes,
    ...(range ? { from: new Date(nowMs - RANGE_MS[range]).toISOString() } : { ...(from && { from }), ...(to && { to }) }),
    ...(attr.length > 0 && { attr }),
  };
}

/** One filter that is set, as the reader thinks of it (time is one filter, each attribute is one). */
export interface ActiveFilter {
  id: "time" | Exclude<keyof Filters, "range" | "from" | "to">;
  /** What it is set to; for `attr` the pair. */
  value: string;
  /** The same filters without this one. */
  without: Filters;
}

export function activeFilters(filters: Filters): ActiveFilter[] {
  const active: ActiveFilter[] = [];
  if (filters.range || filters.from || filters.to) {
    const value = filters.range ?? [filters.from ?? "…", filters.to ?? "…"].join(" – ");
    active.push({ id: "time", value, without: { ...filters, range: null, from: null, to: null } });
  }
  for (const id of ["q", "service", "name", "status", "minDuration", "maxDuration", "kind", "family", "state"] as const) {
    const value = filters[id];
    if (value !== null && value !== "") active.push({ id, value: String(value), without: { ...filters, [id]: null } });
  }
  for (const pair of filters.attr)
    active.push({ id: "attr", value: pair, without: { ...filters, attr: filters.attr.filter((one) => one !== pair) } });
  return active;
}

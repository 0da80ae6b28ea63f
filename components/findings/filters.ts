import { type inferParserType, parseAsString, parseAsStringLiteral } from "nuqs";
import type { FindingGroupsQuery } from "@/lib/api/contract/findings";
import { CERTAINTIES, FAMILIES, KINDS, SEVERITIES } from "@/lib/diagnosis/finding";

export const GROUP_STATES = ["open", "muted", "all"] as const;

/** Every filter of the inbox is in the address, and which group is unfolded. */
export const FILTERS = {
  family: parseAsStringLiteral(FAMILIES),
  kind: parseAsStringLiteral(KINDS),
  service: parseAsString,
  severity: parseAsStringLiteral(SEVERITIES),
  certainty: parseAsStringLiteral(CERTAINTIES),
  state: parseAsStringLiteral(GROUP_STATES).withDefault("open"),
};
export type Filters = inferParserType<typeof FILTERS>;

export const groupsQueryOf = (filters: Filters): Partial<FindingGroupsQuery> =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== null && value !== ""));

/** Whether anything but the usual view is asked for. */
export const isFiltered = ({ state, ...rest }: Filters): boolean => state !== "open" || Object.values(rest).some((value) => value !== null);

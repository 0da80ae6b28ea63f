import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { FindingGroupsQuery, FindingsQuery } from "../contract/findings";
import { fetchJson, searchOf } from "../fetch-json";
import { retryPassing } from "./retry";

/** One page of findings, newest first; open ones unless `state` says otherwise. */
export const findingsQuery = (query: Partial<FindingsQuery> = {}) =>
  queryOptions({
    queryKey: ["findings", "list", query],
    queryFn: ({ signal }) => fetchJson("FindingsResponse", `/api/findings${searchOf(query)}`, { signal }),
    placeholderData: keepPreviousData,
    retry: retryPassing,
  });

/** One finding. */
export const findingQuery = (findingId: string) =>
  queryOptions({
    queryKey: ["findings", "one", findingId],
    queryFn: ({ signal }) => fetchJson("FindingJson", `/api/findings/${encodeURIComponent(findingId)}`, { signal }),
    retry: retryPassing,
  });

/** Findings by kind, service, span name and cause: the inbox. */
export const findingGroupsQuery = (query: Partial<FindingGroupsQuery> = {}) =>
  queryOptions({
    queryKey: ["findings", "groups", query],
    queryFn: ({ signal }) => fetchJson("FindingGroupsResponse", `/api/findings/groups${searchOf(query)}`, { signal }),
    placeholderData: keepPreviousData,
    retry: retryPassing,
  });

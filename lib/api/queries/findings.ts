import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
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

/** Findings by kind, service, span name and cause: the inbox, page after page. */
export const findingGroupPagesQuery = (query: Partial<FindingGroupsQuery> = {}) =>
  infiniteQueryOptions({
    queryKey: ["findings", "groups", query],
    queryFn: ({ pageParam, signal }) =>
      fetchJson("FindingGroupsResponse", `/api/findings/groups${searchOf({ ...query, cursor: pageParam })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    retry: retryPassing,
  });

/** The groups that are shown under another, because the same ends of processes left them. */
export const ledGroupsQuery = (leadId: string) =>
  queryOptions({
    queryKey: ["findings", "led", leadId],
    queryFn: ({ signal }) => fetchJson("FindingGroupsResponse", `/api/findings/groups${searchOf({ leadId, limit: 100 })}`, { signal }),
    retry: retryPassing,
  });

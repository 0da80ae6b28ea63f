import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { LogsQuery, OpenSpansQuery, TracesQuery } from "../contract/traces";
import { fetchJson, searchOf } from "../fetch-json";
import { retryPassing } from "./retry";

/** One page of traces, newest first. The page before stays visible while the next one comes. */
export const tracesQuery = (query: Partial<TracesQuery> = {}) =>
  queryOptions({
    queryKey: ["traces", "list", query],
    queryFn: ({ signal }) => fetchJson("TracesResponse", `/api/traces${searchOf(query)}`, { signal }),
    placeholderData: keepPreviousData,
    retry: retryPassing,
  });

/** Attributes, events, links and every record received of one span; `variant` tells apart those that share an id. */
export const spanQuery = (traceId: string, spanId: string, variant = 0) =>
  queryOptions({
    queryKey: ["traces", "one", traceId, "span", spanId, variant],
    queryFn: ({ signal }) =>
      fetchJson("SpanDetails", `/api/traces/${encodeURIComponent(traceId)}/spans/${encodeURIComponent(spanId)}${searchOf({ variant })}`, {
        signal,
      }),
    retry: retryPassing,
  });

/** Log records of a trace, oldest first. */
export const logsQuery = (traceId: string, query: Partial<LogsQuery> = {}) =>
  queryOptions({
    queryKey: ["traces", "one", traceId, "logs", query],
    queryFn: ({ signal }) => fetchJson("LogsResponse", `/api/traces/${encodeURIComponent(traceId)}/logs${searchOf(query)}`, { signal }),
    placeholderData: keepPreviousData,
    retry: retryPassing,
  });

/** Spans open or missing now, longest first, page after page. */
export const openSpanPagesQuery = (query: Partial<OpenSpansQuery> = {}) =>
  infiniteQueryOptions({
    queryKey: ["open-spans", query],
    queryFn: ({ pageParam, signal }) =>
      fetchJson("OpenSpansResponse", `/api/open-spans${searchOf({ ...query, cursor: pageParam })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    retry: retryPassing,
  });

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { LogsQuery, OpenSpansQuery, ProcessesQuery, TracesQuery } from "../contract/traces";
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

/** A whole trace: summary, spans in reading order, findings, processes. */
export const traceQuery = (traceId: string) =>
  queryOptions({
    queryKey: ["traces", "one", traceId],
    queryFn: ({ signal }) => fetchJson("TraceResponse", `/api/traces/${encodeURIComponent(traceId)}`, { signal }),
    retry: retryPassing,
    // Comparing 100 000 spans with those before, to keep equal ones identical, costs more than drawing the 40 that are visible.
    structuralSharing: false,
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

/** Spans open or missing now, longest first. */
export const openSpansQuery = (query: Partial<OpenSpansQuery> = {}) =>
  queryOptions({
    queryKey: ["open-spans", query],
    queryFn: ({ signal }) => fetchJson("OpenSpansResponse", `/api/open-spans${searchOf(query)}`, { signal }),
    placeholderData: keepPreviousData,
    retry: retryPassing,
  });

/** Processes that sent anything, last heard of first. */
export const processesQuery = (query: Partial<ProcessesQuery> = {}) =>
  queryOptions({
    queryKey: ["processes", query],
    queryFn: ({ signal }) => fetchJson("ProcessesResponse", `/api/processes${searchOf(query)}`, { signal }),
    placeholderData: keepPreviousData,
    retry: retryPassing,
  });

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { StatsQuery } from "../contract/status";
import { fetchJson, searchOf } from "../fetch-json";
import { retryPassing } from "./retry";

/** Series for charts and the totals. */
export const statsQuery = (query: StatsQuery = {}) =>
  queryOptions({
    queryKey: ["stats", query],
    queryFn: ({ signal }) => fetchJson("StatsResponse", `/api/stats${searchOf(query)}`, { signal }),
    placeholderData: keepPreviousData,
    retry: retryPassing,
  });

/** Where to send spans, and whether any came yet. */
export const setupQuery = () =>
  queryOptions({
    queryKey: ["setup"],
    queryFn: ({ signal }) => fetchJson("SetupResponse", "/api/setup", { signal }),
    retry: retryPassing,
  });

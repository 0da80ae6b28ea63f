"use client";

import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import type { TraceSummary, TracesQuery, TracesResponse } from "@/lib/api/contract/traces";
import { fetchJson, searchOf } from "@/lib/api/fetch-json";
import { tracesQuery } from "@/lib/api/queries/traces";

const PAGE_SIZE = 50;

/**
 * The list in pages that stay as they are, so that nothing moves under the reader; beside them the newest page, kept fresh by live
 * hints. Rows shown take their numbers from it; what it has and the list has not is "new", until the reader (or the list standing at its
 * top) takes it over.
 */
export function useTracePages(wish: Partial<TracesQuery>) {
  const queryClient = useQueryClient();
  const query = { ...wish, limit: PAGE_SIZE };
  const pagesKey = ["traces", "pages", query];
  const pages = useInfiniteQuery({
    queryKey: pagesKey,
    queryFn: ({ pageParam, signal }) => fetchJson("TracesResponse", `/api/traces${searchOf({ ...query, cursor: pageParam })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    staleTime: "static",
  });
  const head = useQuery({
    ...tracesQuery(query),
    placeholderData: undefined,
    enabled: pages.isSuccess,
    staleTime: 0,
    refetchOnMount: false,
  });

  const shown = (pages.data?.pages ?? []).flatMap((page) => page.items);
  const merged = mergeHead(shown, head.data?.items ?? []);
  return {
    ...merged,
    partial: pages.data?.pages.some((page) => page.partial) ?? false,
    newCapped: merged.newCount >= PAGE_SIZE,
    isPending: pages.isPending,
    error: pages.error ?? head.error,
    retry: () => void pages.refetch(),
    hasOlder: pages.hasNextPage,
    isLoadingOlder: pages.isFetchingNextPage,
    loadOlder: () => void pages.fetchNextPage(),
    /** Begins again with the newest page. */
    takeNew: () => {
      if (!head.data) return;
      queryClient.setQueryData<InfiniteData<TracesResponse, string | undefined>>(pagesKey, { pages: [head.data], pageParams: [undefined] });
    },
  };
}

/** Rows as shown, with the newest numbers where the newest page has them, and how many traces that page has beyond them. */
export function mergeHead(shown: readonly TraceSummary[], head: readonly TraceSummary[]): { rows: TraceSummary[]; newCount: number } {
  const fresh = new Map(head.map((trace) => [trace.traceId, trace]));
  const rows = shown.map((trace) => {
    const newer = fresh.get(trace.traceId);
    fresh.delete(trace.traceId);
    return newer ?? trace;
  });
  const newest = shown[0]?.firstReceivedAt ?? "";
  // Where a filter began to match an old trace, that is not news; it is found when the list is opened again.
  return { rows, newCount: [...fresh.values()].filter((trace) => trace.firstReceivedAt >= newest).length };
}

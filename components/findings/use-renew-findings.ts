"use client";

import { useQueryClient } from "@tanstack/react-query";

/** Asks again for all that shows findings or counts them. */
export function useRenewFindings(): () => Promise<unknown> {
  const queryClient = useQueryClient();
  return () => Promise.all([["findings"], ["stats"], ["traces"]].map((queryKey) => queryClient.invalidateQueries({ queryKey })));
}

import { queryOptions } from "@tanstack/react-query";
import { fetchJson } from "../fetch-json";
import { retryPassing } from "./retry";

/** A whole trace as columns, for drawing. Live hints renew whatever has a key that begins like this one. */
export const traceColumnsQuery = (traceId: string) =>
  queryOptions({
    queryKey: ["traces", "one", traceId, "columns"],
    queryFn: ({ signal }) => fetchJson("TraceColumns", `/api/traces/${encodeURIComponent(traceId)}/columns`, { signal }),
    retry: retryPassing,
    // Comparing 100 000 spans with those before costs more than drawing the 40 that are visible.
    structuralSharing: false,
  });
